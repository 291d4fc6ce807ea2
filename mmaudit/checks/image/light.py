"""Light: even the darkest twentieth of the picture is nearly white.

Fog, snow and low contrast raise it too: with a low `contrast`, call it washed out.
"""

from mmaudit.checks.base import QualityCheck
from mmaudit.checks.planes import Planes, planes


def measure(picture: Planes) -> float:
    """The 5 % quantile of luma, as a share of white."""
    return picture.quantile(0.05) / 255


CHECK = QualityCheck(
    view=planes,
    measure=measure,
    unit="share of white",
    bad="high",
    source="the quantile of cleanvision 0.3.7, whose limit of .95 misses what is overexposed to "
    "9 tenths of white; limit and luma of Rec. 601: ours",
    finding="too light",
    suggestion="look for overexposure or an empty page",
    sees=("image/brightness",),
    limit=0.85,
)
