"""Length: the series is much longer or much shorter than the others of the dataset."""

import math

from mmaudit.arrays import Floats
from mmaudit.checks.base import QualityCheck
from mmaudit.checks.series._steps import steps


def measure(series: Floats) -> float:
    """Number of steps."""
    return float(len(series)) if series.size else math.nan


CHECK = QualityCheck(
    view=steps,
    measure=measure,
    unit="steps",
    bad="either",
    source="ours",
    finding="of an odd length",
    suggestion="look for records that broke off, and for several in one",
    scale="log",
)
