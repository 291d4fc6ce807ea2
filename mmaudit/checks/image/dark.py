"""Dark: even the brightest hundredth of the picture is dark."""

from mmaudit.checks.base import QualityCheck
from mmaudit.checks.planes import Planes, planes


def measure(picture: Planes) -> float:
    """The 99 % quantile of luma, as a share of white."""
    return picture.quantile(0.99) / 255


CHECK = QualityCheck(
    view=planes,
    measure=measure,
    unit="share of white",
    bad="low",
    source="the quantile and the limit of cleanvision 0.3.7; luma of Rec. 601: ours",
    finding="dark",
    suggestion="look for a lens cap, a failed flash or a black frame",
    sees=("image/low_light",),
    limit=0.32,
)
