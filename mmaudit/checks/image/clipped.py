"""Clipped: parts of the picture are at the end of the scale, where nothing tells them apart.

Drawings and pictures cut out on white are clipped on purpose, and noise makes values clip: it is
a rank to look at, not a fault by itself.
"""

from mmaudit.checks.base import QualityCheck
from mmaudit.checks.image._channels import at_ends
from mmaudit.checks.planes import Planes, planes


def measure(picture: Planes) -> float:
    """Share of channel values at 0 or 255."""
    values = picture.colour.reshape(len(picture.colour), -1)
    return 1 - (values.size - int(at_ends(values))) / values.size


CHECK = QualityCheck(
    view=planes,
    measure=measure,
    unit="1",
    bad="high",
    source="share of saturated values; ours",
    finding="clipped",
    suggestion="look for over- or underexposure, or for blocks that were cut out",
    sees=("image/coarse_dropout", "image/cutout", "image/shot_noise"),
    scale="share",
)
