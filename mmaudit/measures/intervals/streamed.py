"""Bootstrapped means of many columns over data that is read in pieces: memory stays the same.

A row's bootstrap weight depends on its key alone, so sums over pieces are sums over the whole,
and they are kept in fixed point, so neither the order of rows nor the cuts between pieces change
a bit. Means of parts (classes, slices) come from the same pass.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

from mmaudit.bounds import shares
from mmaudit.measures.intervals.bootstrap import FIXED_BITS, REPLICATES, weights
from mmaudit.measures.intervals.evidence import By
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
        counted: Whether all values are 0 or 1, of units of one sample, ``(part, column)``.
    """

    names: tuple[str, ...]
    points: NDArray[np.float64]
    draws: NDArray[np.float64]
    n: NDArray[np.int64]
    counted: NDArray[np.bool_]

    def of(self, name: str, part: int = 0, bounds: Bounds = ANY) -> Replicates:
        """One column's mean in one part."""
        c = self.names.index(name)
        point, n = float(self.points[part, c]), int(self.n[part, c])
        exact = bounds == SHARE and bool(self.counted[part, c])
        evidence = By(lambda tail: shares.ends(round(point * n), n, tail)) if exact else None
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
    present: list[Presence] = []
    shares_alone = np.ones(len(names), np.bool_)
    for piece in pieces():
        there = ~np.isnan(piece.values)
        shares_alone &= (~there | (piece.values == 0.0) | (piece.values == 1.0)).all(axis=0)
        whole = np.rint(np.ldexp(np.where(there, piece.values, 0.0), bits)).astype(np.int64)
        for start in range(0, len(piece.keys), rows):
            rows_now = slice(start, start + rows)
            keys = piece.keys[rows_now]
            drawn = np.empty((replicates + 1, keys.size), np.uint8)
            drawn[0], drawn[1:] = 1, weights(keys, 0, replicates)
            _add(drawn, whole[rows_now], there[rows_now], piece.part[rows_now], sums, totals)
        present.append(_present(piece, there))
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = np.ldexp(sums.astype(np.float64), -bits) / totals
    units = _units(present, parts, len(names))
    return Means(tuple(names), mean[0], mean[1:], units, shares_alone & (totals[0] == units))


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


@njit(cache=True, nogil=True)
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


Presence = tuple[NDArray[np.uint64], NDArray[np.int32], NDArray[np.uint8]]


def _present(piece: Chunk, there: NDArray[np.bool_]) -> Presence:
    """What is needed to count units: a bit a value."""
    return piece.keys, piece.part.astype(np.int32), np.packbits(there, axis=1)


def _units(present: Sequence[Presence], parts: int, columns: int) -> NDArray[np.int64]:
    """Distinct keys with a value, ``(part, column)``."""
    out = np.zeros((parts, columns), np.int64)
    if not present:
        return out
    keys, part = (np.concatenate([s[k] for s in present]) for k in (0, 1))
    packed = np.concatenate([s[2] for s in present])
    counted: dict[bytes, NDArray[np.int64]] = {}
    for c in range(columns):  # most columns have values in the same rows
        rows = (packed[:, c // 8] >> (7 - c % 8) & 1).astype(bool)
        pattern = np.packbits(rows).tobytes()
        if pattern not in counted:
            in_parts = [keys[rows & (part == p)] for p in range(parts)]
            counted[pattern] = np.array([np.unique(k).size for k in in_parts], np.int64)
        out[:, c] = counted[pattern]
    return out
