"""Entropy: the picture says little, for few levels of brightness make up most of it."""

from mmaudit.checks._levels import bits
from mmaudit.checks.base import QualityCheck
from mmaudit.checks.planes import Planes, planes


def measure(picture: Planes) -> float:
    """Entropy of the 256 levels of luma, in bits."""
    return float(bits(picture.counts))


CHECK = QualityCheck(
    view=planes,
    measure=measure,
    unit="bits",
    bad="low",
    source="Shannon 1948, doi:10.1002/j.1538-7305.1948.tb01338.x; cleanvision 0.3.7 takes 3 bits "
    "of all channels together as its limit, which JPEG brings pictures of two tones across",
    finding="of little information",
    suggestion="look for blank or placeholder pictures",
    sees=("image/color_quantization", "image/contrast"),
    limit=4.0,
)
