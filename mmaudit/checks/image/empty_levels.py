"""Empty levels: brightness has gaps, because colours were reduced or levels stretched.

The share of levels of luma between the 1 % and the 99 % quantile that no pixel has.
"""

import math

import numpy as np

from mmaudit.checks.base import QualityCheck
from mmaudit.checks.planes import Planes, planes


def measure(picture: Planes) -> float:
    """Share of empty levels inside the range of luma."""
    low, high = picture.quantile(0.01), picture.quantile(0.99)
    if high == low or not picture.large_enough:
        return math.nan
    inside = picture.counts[low : high + 1]
    return (inside.size - np.count_nonzero(inside)) / inside.size


CHECK = QualityCheck(
    view=planes,
    measure=measure,
    unit="1",
    bad="high",
    source="gaps of the histogram; ours",
    finding="posterised",
    suggestion="look for palettes, and for levels that were stretched in 8 bits",
    sees=("image/color_quantization",),
    scale="share",
)
