"""Noise: grain of a sensor, or of a bad transmission, lies over the picture.

The standard deviation of noise in luma: the mean magnitude of Immerkær's mask, times √(π / 2) / 6,
in blocks of 16 pixels, of which the 20 % quantile is taken. Blur and JPEG make it smaller, so a
noisy picture that was compressed can pass.
"""

import math

from mmaudit.checks.base import QualityCheck
from mmaudit.checks.planes import Planes, planes


def measure(picture: Planes) -> float:
    """Standard deviation of noise, in levels of 255."""
    return picture.noise if picture.large_enough else math.nan


CHECK = QualityCheck(
    view=planes,
    measure=measure,
    unit="levels of 255",
    bad="high",
    source="Immerkær 1996, doi:10.1006/cviu.1996.0060; a quantile of blocks: ours",
    finding="noisy",
    suggestion="look for the camera or the transmission that it comes from",
    sees=(
        "image/gaussian_noise",
        "image/shot_noise",
        "image/speckle_noise",
        "image/impulse_noise",
        "image/salt_and_pepper",
    ),
    limit=15.0,
    scale="log",
)
