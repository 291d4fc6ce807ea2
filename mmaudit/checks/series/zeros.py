"""Zeros: many readings are exactly zero, as those of lost packets and unplugged sensors."""

import math

import numpy as np

from mmaudit.arrays import Floats
from mmaudit.checks.base import QualityCheck
from mmaudit.checks.series._steps import steps


def measure(series: Floats) -> float:
    """Share of zeros."""
    return float(np.mean(series == 0)) if series.size else math.nan


CHECK = QualityCheck(
    view=steps,
    measure=measure,
    unit="1",
    bad="high",
    source="ours",
    finding="mostly zero",
    suggestion="look for lost packets; mark them as missing",
    sees=("series/random_drop", "series/burst_drop"),
    scale="counts",
)
