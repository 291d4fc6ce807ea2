"""Contrast: all of the picture is of nearly one brightness."""

from mmaudit.checks.base import QualityCheck
from mmaudit.checks.planes import Planes, planes


def measure(picture: Planes) -> float:
    """Standard deviation of luma, as a share of white."""
    return picture.contrast / 255


CHECK = QualityCheck(
    view=planes,
    measure=measure,
    unit="share of white",
    bad="low",
    source="RMS contrast: Peli 1990, doi:10.1364/JOSAA.7.002032",
    finding="of low contrast",
    suggestion="look for fog, a dirty lens or a flat scan; stretch its levels if that is all",
    sees=("image/contrast",),
    limit=0.08,
)
