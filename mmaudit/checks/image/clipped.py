"""Clipped: parts of the picture are at the end of the scale, where nothing tells them apart.

Drawings and pictures cut out on white are clipped on purpose, and noise makes values clip: it is
a rank to look at, not a fault by itself.
"""

import cv2

from mmaudit.checks.base import QualityCheck
from mmaudit.checks.image._planes import Planes, planes


def measure(picture: Planes) -> float:
    """Share of channel values at 0 or 255."""
    values = picture.colour.reshape(picture.colour.shape[0], -1)
    inside = cv2.countNonZero(values) + cv2.countNonZero(cv2.bitwise_not(values)) - values.size
    return 1 - inside / values.size


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
