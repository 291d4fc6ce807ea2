"""Missing cells: many fields of the row are empty."""

import math

from mmaudit.checks.base import QualityCheck
from mmaudit.checks.table._row import TableRow, row


def measure(row: TableRow) -> float:
    """Share of empty cells."""
    if not len(row.cells):
        return math.nan
    return sum(_empty(cell) for cell in row.cells) / len(row.cells)


def _empty(cell: object) -> bool:
    return cell is None or cell == "" or cell != cell  # noqa: PLR0124  NaN


CHECK = QualityCheck(
    view=row,
    measure=measure,
    unit="1",
    bad="high",
    source="ours",
    finding="with empty fields",
    suggestion="look for what filled the others; see the patterns of absence",
    sees=("table/drop_entry",),
    scale="counts",
)
