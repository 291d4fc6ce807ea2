"""Outliers: single readings jump away from their neighbours, as from loose contacts.

A reading is one where it is further from the median of the five around it than four robust
standard deviations of such distances in its channel, and than half of the channel's interquartile
range.
"""

import math

import numpy as np
from scipy import ndimage

from mmaudit.arrays import Floats
from mmaudit.checks._usual import NORMAL
from mmaudit.checks.base import QualityCheck
from mmaudit.checks.series._steps import steps

WINDOW = 5
DEVIATIONS, OF_RANGE = 4.0, 0.5


def measure(series: Floats) -> float:
    """Share of readings that are outliers."""
    if len(series) < WINDOW or not series.size:
        return math.nan
    far = np.abs(series - ndimage.median_filter(series, (WINDOW, 1), mode="nearest"))
    low, high = np.quantile(series, [0.25, 0.75], axis=0)
    limit = np.maximum(DEVIATIONS * NORMAL * np.median(far, 0), OF_RANGE * (high - low))
    return float(np.mean(far > limit))


CHECK = QualityCheck(
    view=steps,
    measure=measure,
    unit="1",
    bad="high",
    source="after Hampel 1974, doi:10.1080/01621459.1974.10482962: median of neighbours, and of "
    "distances over the channel; constants: ours",
    finding="has readings that jump away",
    suggestion="look for loose contacts and bit errors",
    sees=("series/spike",),
    scale="counts",
)
