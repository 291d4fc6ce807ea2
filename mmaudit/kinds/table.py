"""Table rows: ``(column,)`` objects, a number, a category or None, in the order of the columns."""

import json
import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, time, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from mmaudit.arrays import Cells
from mmaudit.formats import many
from mmaudit.formats import number as shown
from mmaudit.kinds.base import (
    Block,
    Claim,
    Fill,
    Kind,
    LooksLike,
    Shape,
    SourceColumn,
    Undecodable,
)
from mmaudit.names import name
from mmaudit.parsing.numbers import number as number_of

if TYPE_CHECKING:
    from PIL import Image

NAME = "table"
EXACT = 2**53  # whole numbers up to this are floats without loss
WHOLE = re.compile(r"[+-]?[1-9][0-9]{15,39}")  # as text, one that may be larger
ROWS_A_CATEGORY = 2  # rows to a category at least, on average


def decode(cell: Any, shape: Shape) -> Cells | None:
    """One row, ``(column,)``: float, str for categories, None where a cell is empty or NaN.

    Truth values, dates and times stay what they are, and so do whole numbers that no float holds.

    A row whose cells are all empty is absent, None.

    Raises:
        Undecodable: A cell of a number column is not a number.
    """
    if cell is None:
        return None
    row = np.empty(len(cell), np.object_)
    for i, (column, value) in enumerate(cell.items()):
        row[i] = _category(value) if column in shape.categorical else _number(column, value)
    return None if all(v is None for v in row) else row


def encode(row: Cells, _rate: float = 0.0) -> bytes:
    """The row as a JSON list."""
    return json.dumps(row.tolist(), ensure_ascii=False, default=str).encode()


def digest(row: Cells) -> str:
    """sha256 of the row's JSON."""
    return sha256(encode(row)).hexdigest()


def _category(value: Any) -> str | None:
    return None if value is None or value == "" or _is_nan(value) else name(value)


def _number(column: str, value: Any) -> Any:
    if value is None or value == "" or _is_nan(value):
        return None
    if isinstance(value, str) and WHOLE.fullmatch(value):
        value = int(value)
    exact = isinstance(value, int) and abs(value) > EXACT
    if exact or isinstance(value, (bool, date, time, timedelta)):
        return value
    try:
        read = number_of(value)
    except (TypeError, ValueError) as error:
        raise Undecodable(
            f"column {column!r} holds {value!r}, not a number; name it in categorical if it is one"
        ) from error
    if math.isinf(read):
        raise Undecodable(f"column {column!r} is {read}")
    return None if math.isnan(read) else read


def _is_nan(value: Any) -> bool:
    return isinstance(value, float) and math.isnan(value)


def number(cell: Any) -> bool:
    """Whether a cell is a number; a truth value is not."""
    return isinstance(cell, (int, float, np.number)) and not isinstance(cell, bool)


def _claims(columns: Sequence[SourceColumn]) -> Iterator[Claim]:
    """All numbers and categories that no other kind has claimed are one row."""
    numbers = [column.name for column in columns if column.numeric]
    categories = [c.name for c in columns if not c.numeric and _is_category(c)]
    taken = {*numbers, *categories}
    if taken:
        names = tuple(column.name for column in columns if column.name in taken)
        why = f"{many(len(numbers), 'column')} of numbers and {len(categories)} of categories"
        yield Claim(NAME, names, why, together=True, categorical=tuple(categories))


def _is_category(column: SourceColumn) -> bool:
    enough = len(column.values) >= ROWS_A_CATEGORY * column.distinct
    return pa.types.is_string(column.type) and bool(column.values) and enough


def _arrays(rows: list[Any], names: Sequence[str], shape: Shape) -> list[pa.Array]:
    """The columns of a table: texts where they are categories, else of their types, or floats."""
    return [
        _array([None if row is None else row[i] for row in rows], column, shape)
        for i, column in enumerate(names)
    ]


def _array(cells: list[Any], column: str, shape: Shape) -> pa.Array:
    category = column in shape.categorical
    kind = dict(shape.types).get(column, pa.string() if category else pa.float64())
    if pa.types.is_integer(kind):
        numbers = (None if cell is None else int(cell) if category else cell for cell in cells)
        return pa.array([None if n is None else _whole(n, kind) for n in numbers], kind)
    if category:
        return pa.array(cells, pa.string())
    if not (pa.types.is_floating(kind) or pa.types.is_string(kind)):
        return pa.array(cells, kind)
    floats = pa.array([None if cell is None else float(cell) for cell in cells], pa.float64())
    if pa.types.is_floating(kind):
        return floats.cast(kind, safe=False)
    texts = floats.cast(kind).to_pylist()
    whole = [str(cell) if isinstance(cell, int) else None for cell in cells]
    return pa.array([w or t for w, t in zip(whole, texts, strict=True)], kind)


def _whole(cell: float, kind: pa.DataType) -> int:
    """The whole number of a type that is nearest to a number."""
    signed = pa.types.is_signed_integer(kind)
    high = 2 ** (kind.bit_width - signed) - 1
    return min(max(round(cell), -high - 1 if signed else 0), high)


def _empty(first: Cells | None, shape: tuple[int, ...]) -> Cells:
    return np.full(shape if first is None else first.shape, None, np.object_)


def _is_row(value: Any) -> bool:
    return isinstance(value, np.ndarray) and value.dtype == object


def _zeros(rows: Sequence[Cells]) -> Cells:
    """0 for numbers, and nothing for categories, told by the first cell that is not empty."""
    firsts = [
        next((row[i] for row in rows if row[i] is not None), None) for i in range(len(rows[0]))
    ]
    return _row([0.0 if number(cell) else None for cell in firsts])


def _blank(rows: Sequence[Cells]) -> Cells:
    return _row([None] * len(rows[0]))


def _mean(rows: Iterable[Cells]) -> Cells:
    """The mean of numbers, and the most frequent category."""
    return _row([_typical(list(cells)) for cells in zip(*rows, strict=True)])


def _typical(cells: list[Any]) -> Any:
    present = [cell for cell in cells if cell is not None]
    if not present:
        return None
    if all(number(cell) for cell in present):
        return float(np.mean(np.array(present, np.float64)))
    counts = Counter(present)
    return min(counts, key=lambda cell: (-counts[cell], str(cell)))


def _row(cells: list[Any]) -> Cells:
    row = np.empty(len(cells), np.object_)
    row[:] = cells
    return row


def _size(row: Cells) -> float:
    """The first number of a row."""
    return next((float(v) for v in row.tolist() if isinstance(v, (int, float))), np.nan)


def _blocks(rows: list[Any]) -> Iterator[Block]:
    if rows:
        stacked = np.stack(rows)
        numbers = [[v if isinstance(v, (int, float)) else np.nan for v in row] for row in stacked]
        categories = [{v for v in column if isinstance(v, str)} for column in stacked.T]
        yield np.array(numbers, np.float64), categories


def _preview(clean: Cells, row: Cells, size: tuple[int, int]) -> "Image.Image":
    from mmaudit.kinds import _drawing  # noqa: PLC0415  only previews need it

    pairs = zip(clean.tolist(), row.tolist(), strict=True)
    colours = [
        (after, _drawing.INK if before == after else _drawing.GAINED) for before, after in pairs
    ]
    return _drawing.words([(_short(after), colour) for after, colour in colours], size)


def _short(cell: Any) -> str:
    return "-" if cell is None else shown(cell) if isinstance(cell, float) else str(cell)


KIND = Kind(
    decode=decode,
    encode=encode,
    digest=digest,
    arrays=_arrays,
    empty=_empty,
    listed=5,
    columns="several",
    axes=1,
    looks_like=(LooksLike(5, _claims, ids=False),),
    fill=Fill(_is_row, zeros=_zeros, blank=_blank, mean=_mean),
    always_mean=True,
    size=_size,
    blocks=_blocks,
    preview=_preview,
    holds_lock=True,
)
