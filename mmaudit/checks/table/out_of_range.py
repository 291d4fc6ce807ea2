"""Out of range: numbers of the row lie where the other rows have none.

A range reaches a quarter of the way from the 1 % to the 99 % quantile of its column beyond both of
them. Columns whose numbers are nearly always the same have no range.
"""

from collections.abc import Iterable

from mmaudit.checks._usual import FEWEST, Usual, columns
from mmaudit.checks.base import QualityCheck
from mmaudit.checks.table._row import TableRow, row, stacked


def learn(rows: Iterable[TableRow]) -> Usual:
    """The range of each column of numbers."""
    return columns(stacked(rows))


def measure(row: TableRow, usual: Usual) -> float:
    """Share of numbers out of their range; NaN for a row without numbers, or of another length."""
    return usual.share_outside(row.numbers)


CHECK = QualityCheck(
    view=row,
    measure=measure,
    unit="1",
    bad="high",
    source="ours",
    finding="out of range",
    suggestion="look for another unit, shifted columns and errors of typing",
    sees=("table/out_of_range",),
    scale="counts",
    learn=learn,
    fewest=FEWEST,
)
