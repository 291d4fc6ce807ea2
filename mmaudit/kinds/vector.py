"""Vectors: ``(d,)`` float32 from lists, several columns, JSON text or a ``.npy`` file."""

import re
from collections.abc import Iterator, Sequence
from io import BytesIO
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pyarrow import compute

from mmaudit.arrays import Vector
from mmaudit.kinds import _arrays
from mmaudit.kinds._media import stem
from mmaudit.kinds.base import (
    Block,
    Claim,
    Decoded,
    Kind,
    LooksLike,
    Shape,
    SourceColumn,
    Undecodable,
    content,
    one_by_one,
)
from mmaudit.parsing import npy
from mmaudit.parsing.base import Parsing
from mmaudit.parsing.documents import from_json
from mmaudit.parsing.numbers import number

NAME = "vector"
NUMBERED = re.compile(r"(.*?)[_.-]?(\d+)")
ENOUGH_IN_A_ROW = 3  # columns x_0, x_1, x_2 make one vector


def decode(cell: Any, shape: Shape) -> Vector | None:
    """One vector, ``(d,)``; None where absent: null, or nothing but NaN.

    Raises:
        Undecodable: It is not a list of finite numbers, or not as long as the others.
    """
    vector = numbers(cell)
    return None if vector is None else checked(vector, shape)


def encode(vector: Vector, _rate: float = 0.0) -> bytes:
    """The bytes of a ``.npy`` file."""
    file = BytesIO()
    np.save(file, vector, allow_pickle=False)
    return file.getvalue()


def column(cells: pa.Array, shape: Shape) -> Decoded:
    """All vectors of a batch, quickly where Arrow already holds them as numbers."""
    if not is_numbers(cells.type):
        return one_by_one(decode, cells, shape)
    values: list[Vector | None] = []
    reasons: dict[int, str] = {}
    flat, starts, lengths = _flat(cells)
    whole = bool(np.isfinite(flat).all())
    present = cells.is_valid().to_numpy(zero_copy_only=False)
    width = shape.sizes[0] if shape.sizes else -1
    for i in range(len(cells)):
        vector = flat[starts[i] : starts[i] + lengths[i]]
        if not present[i]:
            values.append(None)
        elif whole and lengths[i] == width:
            values.append(vector)
        else:
            _try(vector, shape, i, values, reasons)
    return values, reasons


def numbers(cell: Any) -> NDArray[Any] | None:
    """A cell as an array of numbers of any shape; None where absent.

    Raises:
        Undecodable: It is not numbers.
    """
    value = content(cell)
    if isinstance(value, dict):  # several columns
        if all(v is None for v in value.values()):
            return None
        lacking = next((k for k, v in value.items() if v is None), None)
        if lacking is not None:
            raise Undecodable(f"column {lacking!r} is empty, others are not")
        with Parsing(lambda why: Undecodable(f"not numbers: {why}")):
            value = [number(v) if isinstance(v, str) else v for v in value.values()]
    if isinstance(value, bytes):
        return _npy(value)
    if isinstance(value, str):
        value = _json(value)
    if value is None:
        return None
    with (
        Parsing(lambda _: Undecodable(f"not numbers: {_short(value)}")),
        np.errstate(over="ignore"),  # what is too large is refused as infinite
    ):
        return np.array(value, np.float32)


def checked(vector: NDArray[Any], shape: Shape) -> Vector | None:
    """A vector that is finite and as long as the others; None where it is nothing but NaN.

    Raises:
        Undecodable: It is not.
    """
    if vector.ndim != 1:
        raise Undecodable(f"has {vector.ndim} axes, a vector has one")
    if shape.sizes and vector.size != shape.sizes[0]:
        raise Undecodable(f"has {vector.size} numbers, others have {shape.sizes[0]}")
    with np.errstate(over="ignore"):
        vector = vector.astype(np.float32)
    finite = np.isfinite(vector)
    if finite.all():
        return vector
    if np.isnan(vector).all():
        return None
    raise Undecodable(f"number {int(np.argmin(finite))} is {vector[~finite][0]}")


def is_numbers(kind: pa.DataType) -> bool:
    """Whether Arrow holds a column as lists of numbers."""
    listed = (
        pa.types.is_list(kind) or pa.types.is_large_list(kind) or pa.types.is_fixed_size_list(kind)
    )
    return listed and (
        pa.types.is_floating(kind.value_type) or pa.types.is_integer(kind.value_type)
    )


def _flat(cells: pa.Array) -> tuple[Vector, NDArray[np.int64], NDArray[np.int64]]:
    """The numbers of a list column end to end, and where each list starts and how long it is."""
    lengths = compute.fill_null(compute.list_value_length(cells), 0)
    sizes = lengths.to_numpy(zero_copy_only=False).astype(np.int64)
    flat = cells.flatten().cast(pa.float32(), safe=False)  # leaves out what null lists cover
    starts = np.concatenate([[0], np.cumsum(sizes)[:-1]]).astype(np.int64)
    return flat.to_numpy(zero_copy_only=False), starts, sizes


def _try(
    vector: Vector,
    shape: Shape,
    i: int,
    values: list[Vector | None],
    reasons: dict[int, str],
) -> None:
    try:
        values.append(checked(vector, shape))
    except Undecodable as error:
        values.append(None)
        reasons[i] = str(error)


def _npy(data: bytes) -> NDArray[Any]:
    with Parsing(lambda why: Undecodable(f"not a .npy file: {why}")):
        loaded = npy.from_bytes(data)
    if loaded.dtype.kind not in "fiub":
        raise Undecodable("not a .npy file of numbers")
    return loaded


def _json(text: str) -> Any:
    try:
        return from_json(text) if text.strip() else None
    except ValueError as error:
        raise Undecodable(f"not a list of numbers: {_short(text)}") from error


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


def length(cell: Any) -> float | None:
    """How many numbers a cell has; None where absent."""
    vector = decode(cell, Shape())
    return None if vector is None else vector.size


def _lists(columns: Sequence[SourceColumn]) -> Iterator[Claim]:
    for column in columns:
        if len(set(column.shapes)) == 1 and len(column.shapes[0]) == 1:
            why = f"lists of {column.shapes[0][0]} numbers"
            yield Claim(stem(column.name), (column.name,), why)


def _numbered(columns: Sequence[SourceColumn]) -> Iterator[Claim]:
    families: dict[str, list[str]] = {}
    for column in columns:
        match = NUMBERED.fullmatch(column.name)
        if match and column.numeric:
            families.setdefault(match[1] or NAME, []).append(column.name)
    for prefix, names in families.items():
        if len(names) >= ENOUGH_IN_A_ROW:
            why = f"{len(names)} numbered columns of numbers"
            yield Claim(prefix, tuple(names), why, together=True)


def _written(values: list[Any], names: Sequence[str], _shape: Shape) -> list[pa.Array]:
    """One column of lists; or a column an entry, where entries have columns of their own."""
    if len(names) > 1:
        absent = np.array([v is None for v in values], np.bool_)
        rows = np.zeros((len(values), len(names)), np.float32)
        if not absent.all():
            rows[~absent] = np.stack([v for v in values if v is not None])
        return [pa.array(rows[:, i], mask=absent) for i in range(len(names))]
    return [_arrays.lists(values, _arrays.flat([v for v in values if v is not None]))]


def _norm(vector: Vector) -> float:
    return float(np.linalg.norm(vector.astype(np.float64)))


def _blocks(values: list[Any]) -> Iterator[Block]:
    if values:
        yield np.stack(values).astype(np.float64), []


KIND = Kind(
    decode=decode,
    encode=encode,
    digest=_arrays.digest,
    arrays=_written,
    empty=_arrays.empty,
    decode_column=column,
    listed=6,
    columns="either",
    axes=1,
    length=length,
    looks_like=(LooksLike(2, _lists), LooksLike(4, _numbered)),
    always_mean=True,
    pieces=_arrays.stretches,
    features=lambda vector: np.asarray(vector, np.float32).ravel(),
    size=_norm,
    blocks=_blocks,
    preview=_arrays.preview,
    ball=_arrays.BALL,
)
