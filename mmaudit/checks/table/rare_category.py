"""Rare category: a category of the row stands in hardly any other row of its column.

Misspelt categories are rare; so are names and codes, of which most rows have one. Columns in which
most categories stand alone are left out.
"""

import math
from collections import Counter
from collections.abc import Iterable

from mmaudit.checks._usual import FEWEST
from mmaudit.checks.base import QualityCheck
from mmaudit.checks.table._row import TableRow, row

Shares = tuple[dict[str, float], ...]
FREE = 0.5  # share of the categories of a column that stand alone, from which it has none


def learn(rows: Iterable[TableRow]) -> Shares:
    """The share of each category among those of its column; nothing of columns of free text."""
    counts = list[Counter[str]]()
    for each in rows:
        counts += [Counter() for _ in range(len(each.cells) - len(counts))]
        for column, cell in zip(counts, each.cells, strict=False):
            if isinstance(cell, str) and cell:
                column[cell] += 1
    return tuple(map(_shares, counts))


def _shares(counts: Counter[str]) -> dict[str, float]:
    alone = sum(count == 1 for count in counts.values())
    if alone > FREE * len(counts):
        return {}
    return {category: count / counts.total() for category, count in counts.items()}


def measure(row: TableRow, shares: Shares) -> float:
    """Share of the rarest of its categories; NaN where it has none."""
    pairs = zip(row.cells, shares, strict=False)
    own = [column.get(c, 0.0) for c, column in pairs if column and isinstance(c, str) and c]
    return min(own) if own else math.nan


CHECK = QualityCheck(
    view=row,
    measure=measure,
    unit="1",
    bad="low",
    source="ours",
    finding="with a rare category",
    suggestion="look for misspellings and old names of a category",
    scale="counts",
    learn=learn,
    fewest=FEWEST,
)
