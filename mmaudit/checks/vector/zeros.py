"""Zeros: many numbers are exactly zero, as where an extractor failed or a field was not filled.

Vectors of counts are mostly zero: it is a rank to look at, not a fault by itself.
"""

import math

import numpy as np

from mmaudit.arrays import Floats
from mmaudit.checks.base import QualityCheck
from mmaudit.checks.vector._numbers import numbers


def measure(vector: Floats) -> float:
    """Share of zeros."""
    return float(np.mean(vector == 0)) if len(vector) else math.nan


CHECK = QualityCheck(
    view=numbers,
    measure=measure,
    unit="1",
    bad="high",
    source="ours",
    finding="mostly zero",
    suggestion="look for failed extractors and for absent values that were filled",
    sees=("vector/dropout", "vector/block_erase"),
    scale="counts",
)
