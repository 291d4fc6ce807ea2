"""Arrays as columns: the first axis counts rows, and the others tell what they hold."""

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from mmaudit.kinds.image import encode
from mmaudit.manifest.readers.base import CELL, Feature
from mmaudit.manifest.splits import NAMES

CHANNELS = frozenset({1, 3, 4})  # of a picture
ENDS = "|".join(NAMES)
SPLIT = re.compile(rf"(.+)[_/.-]({ENDS})|({ENDS})[_/.-](.+)", re.IGNORECASE)  # x_train, train/x


@dataclass(frozen=True, slots=True)
class ArrayBlock:
    """Rows that lie in arrays of one length: those of a file, or of a split in it.

    Attributes:
        file: Number of the file.
        split: What the names of the arrays say; empty where they do not.
        names: What the array of each column is called in the file.
        rows: How many there are.
        beside: Lengths of arrays of other lengths, which are no columns.
    """

    file: int
    split: str
    names: Mapping[str, str]
    rows: int
    beside: tuple[int, ...] = ()


def split_of(name: str) -> tuple[str, str]:
    """The column and the split that the name of an array says.

    Example:
        >>> split_of("x_train"), split_of("test/label"), split_of("labels")
        (('x', 'train'), ('label', 'test'), ('labels', ''))
    """
    match = SPLIT.fullmatch(name)
    return (match[1] or match[4], match[2] or match[3]) if match else (name, "")


def is_picture(dtype: np.dtype[Any], shape: tuple[int, ...]) -> bool:
    """Whether an array is one of pictures, ``(n, h, w)`` or ``(n, h, w, c)`` of bytes."""
    deep = dtype in {np.dtype(np.uint8), np.dtype(np.uint16)}
    return deep and (len(shape) == 3 or (len(shape) == 4 and shape[-1] in CHANNELS))


def field(name: str, dtype: np.dtype[Any], shape: tuple[int, ...]) -> tuple[pa.Field, Feature]:
    """The column of an array.

    Raises:
        TypeError: It holds what no column can hold.
    """
    if is_picture(dtype, shape):
        return pa.field(name, CELL), Feature("image")
    if dtype.kind in "US":
        kind = pa.string()
    elif dtype.kind in "biuf":
        kind = pa.from_numpy_dtype(dtype.newbyteorder("="))
    else:
        raise TypeError(f"it holds {dtype}")
    if len(shape) > 3:
        raise TypeError(f"it has {len(shape)} axes and holds {dtype}")
    for _ in shape[1:]:
        kind = pa.list_(kind)
    return pa.field(name, kind), Feature()


def column(values: NDArray[Any], of: pa.Field) -> pa.Array:
    """Some rows of an array as a column."""
    if of.type.equals(CELL):
        pixels = values if values.ndim == 4 else values[..., None]
        cells = [{"bytes": encode(np.ascontiguousarray(p)), "path": None} for p in pixels]
        return pa.array(cells, CELL)
    if values.dtype.kind == "S":
        values = np.char.decode(values, "utf-8")
    if values.ndim == 1:
        texts = values.dtype.kind == "U"  # which have no null: an empty one is absent, as in CSV
        return pa.array([v or None for v in values.tolist()] if texts else _native(values), of.type)
    return pa.array(values.tolist(), of.type)


def rows_of(shapes: Mapping[str, tuple[int, ...]]) -> int:
    """How many rows arrays have: the commonest length of their first axis, the larger of two."""
    lengths = Counter(shape[0] for shape in shapes.values() if shape)
    return max(lengths, key=lambda n: (lengths[n], n)) if lengths else 0


def _native(values: NDArray[Any]) -> NDArray[Any]:
    return values.astype(values.dtype.newbyteorder("="), copy=False)
