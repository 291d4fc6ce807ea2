"""Table rows: ``(column,)`` objects, a number, a category or None, in the order of the columns."""

import json
import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mmaudit.kinds.base import Undecodable, Usual
from mmaudit.names import name

Row = NDArray[np.object_]  # float | str | None


def decode(cell: Any, usual: Usual) -> Row | None:
    """One row, ``(column,)``: float, str for categories, None where a cell is empty or NaN.

    A row whose cells are all empty is absent, None.

    Raises:
        Undecodable: A cell of a number column is not a number.
    """
    if cell is None:
        return None
    row = np.empty(len(cell), np.object_)
    for i, (column, value) in enumerate(cell.items()):
        row[i] = _category(value) if column in usual.categorical else _number(column, value)
    return None if all(v is None for v in row) else row


def encode(row: Row) -> bytes:
    """The row as a JSON list."""
    return json.dumps(row.tolist(), ensure_ascii=False).encode()


def _category(value: Any) -> str | None:
    return None if value is None or value == "" or _is_nan(value) else name(value)


def _number(column: str, value: Any) -> float | None:
    if value is None or value == "" or _is_nan(value):
        return None
    try:
        number = float(value)
    except (TypeError, ValueError) as error:
        raise Undecodable(
            f"column {column!r} holds {value!r}, not a number; name it in categorical if it is one"
        ) from error
    if math.isinf(number):
        raise Undecodable(f"column {column!r} is {number}")
    return None if math.isnan(number) else number


def _is_nan(value: Any) -> bool:
    return isinstance(value, float) and math.isnan(value)


def number(cell: Any) -> bool:
    """Whether a cell is a number; a truth value is not."""
    return isinstance(cell, (int, float, np.number)) and not isinstance(cell, bool)
