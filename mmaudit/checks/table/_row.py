"""Row: what the checks of a table look at."""

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from mmaudit.arrays import Cells, Floats
from mmaudit.kinds.table import number


@dataclass(frozen=True, slots=True)
class TableRow:
    """A row of a table.

    Attributes:
        cells: As they are, ``(column,)``.
        numbers: Those that are finite numbers, ``(column,)``; NaN for all others.
    """

    cells: Cells
    numbers: Floats


def row(cells: Cells, _rate: float = 0.0) -> TableRow:
    """What there is to see of a row."""
    numbers = [float(c) if number(c) and math.isfinite(c) else math.nan for c in cells]
    return TableRow(cells, np.array(numbers, np.float64))


def stacked(rows: Iterable[TableRow]) -> Floats:
    """Numbers of rows, ``(n, column)``; rows that are not as long as the first are left out."""
    numbers = [each.numbers for each in rows]
    return np.stack([each for each in numbers if each.shape == numbers[0].shape])
