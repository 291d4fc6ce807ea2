"""Outlier: a number of the row is far from those of its column.

The largest deviation from the median of its column, in robust standard deviations. Columns that
grow by factors, as incomes do, have large ones by themselves; numbers near zero stay unseen when
their unit is wrong.
"""

import math
from collections.abc import Iterable

import numpy as np

from mmaudit.checks._usual import FEWEST, Usual, columns
from mmaudit.checks.base import QualityCheck
from mmaudit.checks.table._row import TableRow, row, stacked


def learn(rows: Iterable[TableRow]) -> Usual:
    """Middle and spread of each column of numbers."""
    return columns(stacked(rows))


def measure(row: TableRow, usual: Usual) -> float:
    """Largest deviation; NaN for a row without numbers, or of another length."""
    if row.numbers.shape != usual.middle.shape:
        return math.nan
    deviations = np.abs(usual.scaled(row.numbers))
    present = deviations[~np.isnan(deviations)]
    return float(present.max()) if len(present) else math.nan


CHECK = QualityCheck(
    view=row,
    measure=measure,
    unit="standard deviations",
    bad="high",
    source="Iglewicz & Hoaglin 1993, How to detect and handle outliers",
    finding="with a number far from its column",
    suggestion="look for another unit and errors of typing",
    sees=("table/out_of_range",),
    scale="log",
    learn=learn,
    fewest=FEWEST,
)
