"""Tables of numbers that are too large to be copied: looked at, and made anew, block by block.

What is made of a large memory-mapped table is memory-mapped too, in a temporary file without a
name, so memory does not grow with the rows.
"""

import shutil
import tempfile
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mmaudit.arrays import Ints, Reals, Vectors

ROWS = 16_384  # rows held at once
LARGE = 1 << 26  # bytes from which a table is not made in memory
SPARE = 2  # times the room that a table needs has to be free on the disk


def free() -> int:
    """Bytes that temporary files may take."""
    return shutil.disk_usage(tempfile.gettempdir()).free


def blocks(n: int, held: int = ROWS) -> Iterator[slice]:
    """The rows of a table, ``held`` at a time."""
    for start in range(0, n, held):
        yield slice(start, min(start + held, n))


def mean(n: int, block: Callable[[slice], NDArray[Any]], held: int = ROWS) -> NDArray[Any]:
    """Mean of rows, ``(d,)``, of their own type; zero of none.

    Rows are added one after another, so that blocks do not change a bit.

    Args:
        n: How many rows.
        block: Makes some of them.
        held: Rows held at once.
    """
    total = block(slice(0, 0)).sum(0)
    for at in blocks(n, held):
        total = np.concatenate([total[None], block(at)]).sum(0)
    return np.asarray(total / max(n, 1), total.dtype)


def computed(
    source: Reals,
    width: int,
    block: Callable[[slice], Reals],
    *,
    held: int = ROWS,
    large: int = LARGE,
) -> Vectors:
    """A table of as many rows as another, made block by block, ``(n, width)``.

    Args:
        source: What it is made of: where this is memory-mapped, a large table becomes so too.
        width: Columns.
        block: Makes some of the rows.
        held: Rows held at once.
        large: Bytes from which a table is a large one.
    """
    out = _empty(source, (len(source), width), np.dtype(np.float32), large, free)
    for at in blocks(len(out), held):
        out[at] = block(at)
    return out


def gathered(
    source: Reals,
    rows: Ints,
    *,
    held: int = ROWS,
    large: int = LARGE,
    room: Callable[[], int] = free,
) -> Reals:
    """Some rows of a table in another order, ``(m, d)``, in memory or not as `computed` has it.

    Args:
        source: The table.
        rows: The rows, in their new order.
        held: As of `computed`.
        large: Likewise.
        room: Says how many bytes temporary files may take.
    """
    out = _empty(source, (len(rows), source.shape[1]), source.dtype, large, room)
    for at in blocks(len(out), held):
        out[at] = source[rows[at]]
    return out


def _empty(
    source: Reals,
    shape: tuple[int, int],
    kind: np.dtype[Any],
    large: int,
    room: Callable[[], int],
) -> NDArray[Any]:
    size = kind.itemsize * shape[0] * shape[1]
    if size < large or not _mapped(source) or room() < SPARE * size:
        return np.empty(shape, kind)
    with tempfile.TemporaryFile(prefix="mmaudit-") as file:  # the map outlives it
        return np.memmap(file, kind, "w+", shape=shape)


def _mapped(table: Any) -> bool:
    """Whether the numbers of an array are in a file."""
    while table is not None and not isinstance(table, np.memmap):
        table = getattr(table, "base", None)
    return table is not None
