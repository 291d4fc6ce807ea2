"""Impulses: single pixels that have nothing to do with their neighbours.

The share of pixels whose luma is more than 48 levels from the median of their 3 by 3. Strong
noise of another kind has such pixels too: where `noise` is high as well, it is that.
"""

import math

import cv2

from mmaudit.checks.base import QualityCheck
from mmaudit.checks.image._planes import SMALLEST, Planes, planes

FAR = 48  # levels from the median


def measure(picture: Planes) -> float:
    """Share of pixels far from their neighbourhood."""
    luma = picture.luma
    if max(luma.shape) < SMALLEST or min(luma.shape) < 3:
        return math.nan
    far = cv2.absdiff(luma, cv2.medianBlur(luma, 3))
    _, beyond = cv2.threshold(far, FAR, 255, cv2.THRESH_BINARY)
    return cv2.countNonZero(beyond) / luma.size


CHECK = QualityCheck(
    view=planes,
    measure=measure,
    unit="1",
    bad="high",
    source="distance to the median of 3 by 3, as in the switching median filters of Sun & Neuvo "
    "1994, doi:10.1016/0167-8655(94)90082-5; 48 levels: ours",
    finding="has stray pixels",
    suggestion="look for a broken sensor or transmission; a 3 by 3 median mends few of them",
    sees=("image/impulse_noise", "image/salt_and_pepper"),
    scale="share",
)
