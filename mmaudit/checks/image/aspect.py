"""Aspect: the picture is a narrow strip."""

from mmaudit.checks.base import QualityCheck
from mmaudit.checks.planes import Planes, planes


def measure(picture: Planes) -> float:
    """The shorter side over the longer one."""
    return min(picture.sides) / max(picture.sides)


CHECK = QualityCheck(
    view=planes,
    measure=measure,
    unit="1",
    bad="low",
    source="ratio and limit of cleanvision 0.3.7",
    finding="of an odd shape",
    suggestion="look for banners, strips and broken crops",
    limit=0.35,
    scale="counts",
)
