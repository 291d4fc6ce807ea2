"""Roughness: readings change at every step, as under noise.

The mean square of the difference of neighbouring readings over twice the variance, the mean over
channels: 1 for white noise, near 0 for what changes slowly.
"""

import math

import numpy as np

from mmaudit.arrays import Floats
from mmaudit.checks.base import QualityCheck
from mmaudit.checks.series._steps import steps

FEWEST = 8  # steps


def measure(series: Floats) -> float:
    """Ratio of change to spread; NaN where no channel varies."""
    if len(series) < FEWEST:
        return math.nan
    spread = series.var(0)
    varies = spread > 0
    if not varies.any():
        return math.nan
    change = np.square(np.diff(series[:, varies], axis=0)).mean(0)
    return float(np.mean(change / spread[varies])) / 2


CHECK = QualityCheck(
    view=steps,
    measure=measure,
    unit="1 for white noise",
    bad="high",
    source="von Neumann 1941, doi:10.1214/aoms/1177731677",
    finding="noisy",
    suggestion="look for the sensor that it comes from",
    sees=("series/gaussian_noise",),
    scale="log",
)
