"""Norm: the vector is much longer or much shorter than the others of the dataset."""

import math

import numpy as np

from mmaudit.arrays import Floats
from mmaudit.checks.base import QualityCheck
from mmaudit.checks.vector._numbers import numbers


def measure(vector: Floats) -> float:
    """Root mean square of the numbers."""
    return float(np.sqrt(np.mean(np.square(vector)))) if len(vector) else math.nan


CHECK = QualityCheck(
    view=numbers,
    measure=measure,
    unit="root mean square",
    bad="either",
    source="ours",
    finding="of an odd length",
    suggestion="look for vectors that were normalised among others that were not",
    sees=("vector/scale",),
    scale="log",
)
