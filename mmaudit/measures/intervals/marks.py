"""Marks: what is kept of samples when their sums are done, two bits a value, or the value."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mmaudit.measures.intervals.bootstrap import groups_of
from mmaudit.measures.intervals.evidence import Mean
from mmaudit.measures.intervals.replicates import SHARE, Bounds


@dataclass(frozen=True, slots=True)
class Marks:
    """What is kept of the samples: two bits a value, and some columns as they are.

    Attributes:
        keys: Key of each row's unit, ``(row,)``.
        part: Which part it belongs to, ``(row,)``.
        there: Whether it has a value, eight columns in a byte, ``(row, byte)``.
        ones: Whether the value is 1, likewise.
        shares: Whether all values are 0 or 1, ``(column,)``.
        values: Columns that were to be kept, ``(row,)`` each, by their place.
        apart: Whether every row is a unit of its own.
    """

    keys: NDArray[np.uint64]
    part: NDArray[np.int32]
    there: NDArray[np.uint8]
    ones: NDArray[np.uint8]
    shares: NDArray[np.bool_]
    values: Mapping[int, NDArray[np.float32]]
    apart: bool

    def mean(self, c: int, part: int, bounds: Bounds) -> Mean | None:
        """The values of a share that is 0 or 1 alone, or of a kept column; None of another one."""
        share = bounds == SHARE and bool(self.shares[c])
        if not share and c not in self.values:
            return None
        rows = _bit(self.there, c) & (self.part == part)
        groups = None if self.apart else groups_of(self.keys[rows])
        values = _bit(self.ones, c) if share else self.values[c]
        return Mean(values[rows], groups, *bounds, rows)

    def units(self, parts: int) -> NDArray[np.int64]:
        """Distinct keys with a value, ``(part, column)``."""
        out = np.zeros((parts, self.shares.size), np.int64)
        counted: dict[bytes, NDArray[np.int64]] = {}
        for c in range(self.shares.size):  # most columns have values in the same rows
            rows = _bit(self.there, c)
            pattern = np.packbits(rows).tobytes()
            if pattern not in counted:
                counted[pattern] = self._units(rows, parts)
            out[:, c] = counted[pattern]
        return out

    def _units(self, rows: NDArray[np.bool_], parts: int) -> NDArray[np.int64]:
        if self.apart:
            return np.bincount(self.part[rows], minlength=parts)
        keys = [self.keys[rows & (self.part == p)] for p in range(parts)]
        return np.array([np.unique(some).size for some in keys], np.int64)


Some = tuple[
    NDArray[np.uint64],
    NDArray[np.int32],
    NDArray[np.uint8],
    NDArray[np.uint8],
    NDArray[np.bool_],
    NDArray[np.float32],
]


def marked(
    keys: NDArray[np.uint64],
    part: NDArray[np.int64],
    values: NDArray[np.float64],
    wanted: Sequence[int],
) -> Some:
    """What is kept of some rows, as of `Marks`; ``part`` is ``(cut, row)``."""
    there, ones = ~np.isnan(values), values == 1.0
    shares = (~there | ones | (values == 0.0)).all(axis=0)
    packed = np.packbits(there, axis=1), np.packbits(ones, axis=1)
    return keys, part.astype(np.int32), *packed, shares, values[:, list(wanted)].astype(np.float32)


def joined(
    pieces: Sequence[Some], wanted: Sequence[int], columns: int, cut: int, *, apart: bool
) -> Marks:
    """What is kept of all rows, by one way to cut them."""
    if not pieces:
        none = np.zeros((0, (columns + 7) // 8), np.uint8)
        rows = np.zeros(0, np.uint64), np.zeros(0, np.int32)
        return Marks(*rows, none, none, np.zeros(columns, np.bool_), {}, apart=True)
    keys, part, there, ones, shares, values = zip(*pieces, strict=True)
    rows = np.concatenate(keys), np.concatenate([one[cut] for one in part])
    packed = np.concatenate(there), np.concatenate(ones)
    some = dict(zip(wanted, np.concatenate(values).T, strict=True))
    return Marks(*rows, *packed, np.logical_and.reduce(shares), some, apart=apart)


def _bit(packed: NDArray[np.uint8], c: int) -> NDArray[np.bool_]:
    """One column of packed bits, ``(row,)``."""
    return np.asarray(packed[:, c // 8] >> (7 - c % 8) & 1, np.bool_)
