"""Resolution: the picture has few pixels."""

from mmaudit.checks.base import QualityCheck
from mmaudit.checks.planes import Planes, planes


def measure(picture: Planes) -> float:
    """The shorter side, in pixels."""
    return float(min(picture.sides))


CHECK = QualityCheck(
    view=planes,
    measure=measure,
    unit="px",
    bad="low",
    source="ours",
    finding="small",
    suggestion="look for thumbnails, icons and tracking pixels",
    limit=16.0,
    scale="counts",
)
