"""Bootstrapped means of many columns over data that is read in pieces: memory stays the same.

A row's bootstrap weight depends on its key alone, so sums over pieces are sums over the whole,
and they are kept in fixed point, so neither the order of rows nor the cuts between pieces change
a bit. Means of parts (classes, slices) come from the same pass.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mmaudit.kernels import kernel
from mmaudit.measures.intervals.bootstrap import FIXED_BITS, REPLICATES, groups_of, weights
from mmaudit.measures.intervals.evidence import Mean
from mmaudit.measures.intervals.replicates import ANY, SHARE, Bounds, Replicates

ROWS = 4096  # rows whose weights are held at once


@dataclass(frozen=True, slots=True)
class Chunk:
    """Some of the rows.

    Attributes:
        keys: Bootstrap key of each row's unit, ``(row,)``.
        values: ``(row, column)``; NaN where a row has no value, which leaves it out of the mean.
        part: Which part each row belongs to, ``(row,)``, from 0.
    """

    keys: NDArray[np.uint64]
    values: NDArray[np.float64]
    part: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Means:
    """Means of every column in every part, in the data and in every draw.

    Attributes:
        names: Names of the columns.
        points: ``(part, column)``; NaN where a part has no value.
        draws: ``(replicate, part, column)``.
        n: Units with a value, ``(part, column)``.
        marks: What is left of the samples: of columns that are 0 or 1 alone, their values.
    """

    names: tuple[str, ...]
    points: NDArray[np.float64]
    draws: NDArray[np.float64]
    n: NDArray[np.int64]
    marks: "Marks"

    def of(self, name: str, part: int = 0, bounds: Bounds = ANY) -> Replicates:
        """One column's mean in one part; of a share, with the samples that it is made of."""
        c = self.names.index(name)
        point, n = float(self.points[part, c]), int(self.n[part, c])
        evidence = self.marks.share(c, part) if bounds == SHARE and n else None
        return Replicates(point, self.draws[:, part, c], n, bounds, evidence=evidence)

    def has(self, name: str, part: int = 0) -> bool:
        """Whether the part has any value of this column."""
        return name in self.names and bool(self.n[part, self.names.index(name)])


def means(
    names: Sequence[str],
    pieces: Callable[[], Iterator[Chunk]],
    parts: int = 1,
    replicates: int = REPLICATES,
    *,
    rows: int = ROWS,
) -> Means:
    """The means of all columns in all parts.

    Args:
        names: Names of the columns.
        pieces: Reads the data from its beginning; it is called twice.
        parts: How many parts there are.
        replicates: How many draws.
        rows: Rows whose weights are held at once.

    Raises:
        ValueError: A value is infinite.
    """
    bits = _bits(pieces, len(names))
    sums = np.zeros((replicates + 1, parts, len(names)), np.int64)
    totals = np.zeros_like(sums)
    marked: list[Some] = []
    for piece in pieces():
        there = ~np.isnan(piece.values)
        whole = np.rint(np.ldexp(np.where(there, piece.values, 0.0), bits)).astype(np.int64)
        for start in range(0, len(piece.keys), rows):
            rows_now = slice(start, start + rows)
            keys = piece.keys[rows_now]
            drawn = np.empty((replicates + 1, keys.size), np.uint8)
            drawn[0], drawn[1:] = 1, weights(keys, 0, replicates)
            _add(drawn, whole[rows_now], there[rows_now], piece.part[rows_now], sums, totals)
        marked.append(_some(piece, there))
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = np.ldexp(sums.astype(np.float64), -bits) / totals
    rest = _joined(marked, len(names))
    return Means(tuple(names), mean[0], mean[1:], rest.units(parts), rest)


def _bits(pieces: Callable[[], Iterator[Chunk]], columns: int) -> NDArray[np.int64]:
    """Binary digits after the point for each column, so that no sum overflows."""
    largest, rows = np.zeros(columns), 0
    for piece in pieces():
        rows += len(piece.keys)
        there = np.where(np.isnan(piece.values), 0.0, np.abs(piece.values))
        largest = np.maximum(largest, there.max(axis=0, initial=0.0))
    if not np.isfinite(largest).all():
        raise ValueError("only finite numbers can be summed")
    spare = FIXED_BITS - math.ceil(math.log2(2 * rows + 64))
    return spare - np.frexp(largest)[1].astype(np.int64)


@kernel
def _add(
    drawn: NDArray[np.uint8],
    whole: NDArray[np.int64],
    there: NDArray[np.bool_],
    part: NDArray[np.int64],
    sums: NDArray[np.int64],
    totals: NDArray[np.int64],
) -> None:
    for b in range(drawn.shape[0]):
        for i in range(drawn.shape[1]):
            weight = np.int64(drawn[b, i])
            if weight == 0:
                continue
            p = part[i]
            for c in range(whole.shape[1]):
                sums[b, p, c] += weight * whole[i, c]
                totals[b, p, c] += weight * there[i, c]


@dataclass(frozen=True, slots=True)
class Marks:
    """What is kept of the samples: two bits a value.

    Attributes:
        keys: Key of each row's unit, ``(row,)``.
        part: Which part it belongs to, ``(row,)``.
        there: Whether it has a value, eight columns in a byte, ``(row, byte)``.
        ones: Whether the value is 1, likewise.
        shares: Whether all values are 0 or 1, ``(column,)``.
    """

    keys: NDArray[np.uint64]
    part: NDArray[np.int32]
    there: NDArray[np.uint8]
    ones: NDArray[np.uint8]
    shares: NDArray[np.bool_]

    def share(self, c: int, part: int) -> Mean | None:
        """The values of a column that is 0 or 1 alone; None of another one."""
        if not self.shares[c]:
            return None
        rows = _bit(self.there, c) & (self.part == part)
        return Mean(_bit(self.ones, c)[rows], groups_of(self.keys[rows]), *SHARE)

    def units(self, parts: int) -> NDArray[np.int64]:
        """Distinct keys with a value, ``(part, column)``."""
        out = np.zeros((parts, self.shares.size), np.int64)
        counted: dict[bytes, NDArray[np.int64]] = {}
        for c in range(self.shares.size):  # most columns have values in the same rows
            rows = _bit(self.there, c)
            pattern = np.packbits(rows).tobytes()
            if pattern not in counted:
                parts_keys = [self.keys[rows & (self.part == p)] for p in range(parts)]
                counted[pattern] = np.array([np.unique(k).size for k in parts_keys], np.int64)
            out[:, c] = counted[pattern]
        return out


Some = tuple[
    NDArray[np.uint64],
    NDArray[np.int32],
    NDArray[np.uint8],
    NDArray[np.uint8],
    NDArray[np.bool_],
]


def _some(piece: Chunk, there: NDArray[np.bool_]) -> Some:
    """What is kept of some rows, as of `Marks`."""
    ones = piece.values == 1.0
    shares = (~there | ones | (piece.values == 0.0)).all(axis=0)
    packed = np.packbits(there, axis=1), np.packbits(ones, axis=1)
    return piece.keys, piece.part.astype(np.int32), *packed, shares


def _joined(pieces: Sequence[Some], columns: int) -> Marks:
    if not pieces:
        none = np.zeros((0, (columns + 7) // 8), np.uint8)
        rows = np.zeros(0, np.uint64), np.zeros(0, np.int32)
        return Marks(*rows, none, none, np.zeros(columns, np.bool_))
    keys, part, there, ones, shares = zip(*pieces, strict=True)
    rows = np.concatenate(keys), np.concatenate(part)
    packed = np.concatenate(there), np.concatenate(ones)
    return Marks(*rows, *packed, np.logical_and.reduce(shares))


def _bit(packed: NDArray[np.uint8], c: int) -> NDArray[np.bool_]:
    """One column of packed bits, ``(row,)``."""
    return np.asarray(packed[:, c // 8] >> (7 - c % 8) & 1, np.bool_)
