"""Bootstrapped means of many columns over data that is read in pieces: memory stays the same.

What a draw needs of the data are sums: more than `BLOCKS` units are dealt to so many blocks by the
order of their keys, which are random, and a block has one weight. A mean of blocks of random units
varies as one of units does, so the spread of draws is known with as many degrees of freedom as
there are blocks, and costs nothing a row. Up to `BLOCKS` units each is a block of its own, and
draws are those of the bootstrap of units.

Sums are kept in fixed point, so neither the order of rows nor the cuts between pieces change a
bit. Means of parts (classes, slices) come from the same pass.
"""

import math
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit

from mmaudit.kernels import kernel
from mmaudit.measures.intervals.bootstrap import FIXED_BITS, REPLICATES, kept_weights
from mmaudit.measures.intervals.marks import Marks, Some, joined, marked
from mmaudit.measures.intervals.replicates import ANY, Bounds, Replicates

BLOCKS = 512
HELD = 1 << 26  # bytes of pieces that are held from the first look at them to the second
NORMAL = 1.959964  # quantile for 95 % of the normal distribution, which draws are read by
TAIL = 0.025


@dataclass(frozen=True, slots=True)
class Chunk:
    """Some of the rows.

    Attributes:
        keys: Bootstrap key of each row's unit, ``(row,)``.
        values: ``(row, column)``; NaN where a row has no value, which leaves it out of the mean.
        part: Which part each row belongs to, from 0, by each way to cut the rows, ``(cut, row)``.
        shared: Key of what units have in common, and are drawn together for; None where nothing.
    """

    keys: NDArray[np.uint64]
    values: NDArray[np.float64]
    part: NDArray[np.int64]
    shared: NDArray[np.uint64] | None = None

    @property
    def drawn(self) -> NDArray[np.uint64]:
        """Key of what is drawn as one, ``(row,)``."""
        return self.keys if self.shared is None else self.shared


@dataclass(frozen=True, slots=True)
class Means:
    """Means of every column in every part, in the data and in every draw.

    Attributes:
        names: Names of the columns.
        points: ``(part, column)``; NaN where a part has no value.
        draws: ``(replicate, part, column)``.
        n: Units with a value, ``(part, column)``.
        marks: What is left of the samples: the values of columns that are 0 or 1 alone, and of
            those that were to be kept.
    """

    names: tuple[str, ...]
    points: NDArray[np.float64]
    draws: NDArray[np.float64]
    n: NDArray[np.int64]
    marks: Marks

    def of(self, name: str, part: int = 0, bounds: Bounds = ANY) -> Replicates:
        """One column's mean in one part, with the samples of it that are there."""
        c = self.names.index(name)
        point, n = float(self.points[part, c]), int(self.n[part, c])
        evidence = self.marks.mean(c, part, bounds) if n else None
        return Replicates(point, self.draws[:, part, c], n, bounds, evidence=evidence)

    def has(self, name: str, part: int = 0) -> bool:
        """Whether the part has any value of this column."""
        return name in self.names and bool(self.n[part, self.names.index(name)])


@dataclass(frozen=True, slots=True)
class Blocks:
    """Blocks of units, dealt by the order of their keys: the same whatever the order of rows.

    Attributes:
        units: Key of each unit, rising, ``(unit,)``.
        count: How many blocks.
        few: Whether spreads are known by the number of blocks alone: of many units, or of a few
            that hold many.
    """

    units: NDArray[np.uint64]
    count: int
    few: bool

    @classmethod
    def over(
        cls, keys: NDArray[np.uint64], most: int = BLOCKS, *, holding: bool = False
    ) -> "Blocks":
        """Blocks of the units of some rows.

        Args:
            keys: Key of each row's unit.
            most: How many blocks there are at most.
            holding: Whether a unit holds what would be several.
        """
        units = np.unique(keys)
        return cls(units, min(units.size, most), holding or units.size > most)

    def of(self, keys: NDArray[np.uint64]) -> NDArray[np.int64]:
        """Number of the block of each key, ``(row,)``."""
        place = np.searchsorted(self.units, keys)
        return np.asarray(place * self.count // max(self.units.size, 1), np.int64)

    def weights(self, replicates: int) -> NDArray[np.uint8]:
        """The weights of each block, which are those of its first unit, ``(replicate, block)``."""
        first = -(-np.arange(self.count) * self.units.size // max(self.count, 1))
        return kept_weights(self.units[first], 0, replicates)

    @property
    def wider(self) -> float:
        """What draws are stretched by: few blocks know a spread less well than many units."""
        if not self.few or self.count < 2:
            return 1.0
        quantile = float(stdtrit(self.count - 1, 1 - TAIL))
        return quantile / NORMAL * math.sqrt(self.count / (self.count - 1))


def means(
    names: Sequence[str],
    pieces: Callable[[], Iterator[Chunk]],
    parts: Sequence[int] = (1,),
    replicates: int = REPLICATES,
    *,
    held: int = HELD,
    stored: Collection[str] = (),
) -> list[Means]:
    """The means of all columns in all parts, for each way to cut the rows.

    Args:
        names: Names of the columns.
        pieces: Reads the data from its beginning; it is called again where it is too large.
        parts: How many parts there are, by each way to cut.
        replicates: How many draws.
        held: Bytes of pieces that are held.
        stored: Columns whose values are stored, in single precision: their means have the interval
            of a mean of samples, where others have that of their draws.

    Raises:
        ValueError: A value is infinite.
    """
    look = _Look(held)
    wanted = [c for c, name in enumerate(names) if name in stored]
    pieces_marks: list[Some] = [
        marked(p.keys, p.part, p.values, wanted) for p in look.first(pieces)
    ]
    bits = look.bits(len(names))
    keys = np.concatenate([np.zeros(0, np.uint64), *look.keys])
    drawn = np.concatenate([np.zeros(0, np.uint64), *look.drawn])
    blocks = Blocks.over(drawn, holding=look.shared)
    starts = np.concatenate([[0], np.cumsum(parts)]).astype(np.int64)
    sums = np.zeros((blocks.count, int(starts[-1]), len(names)), np.int64)
    totals = np.zeros(sums.shape, np.int64)
    for piece in look.again(pieces):
        there = ~np.isnan(piece.values)
        whole = np.rint(np.ldexp(np.where(there, piece.values, 0.0), bits)).astype(np.int64)
        block = blocks.of(piece.drawn)
        for part, start in zip(piece.part, starts, strict=False):
            _add(block, part + start, whole, there, sums, totals)
    units = np.unique(keys).size if look.shared else blocks.units.size
    apart = units == keys.size
    points, draws = _drawn(sums, totals, bits, blocks, replicates)
    out = []
    for cut, (start, count) in enumerate(zip(starts, parts, strict=False)):
        rest, at = (
            joined(pieces_marks, wanted, len(names), cut, apart=apart),
            slice(start, start + count),
        )
        out.append(Means(tuple(names), points[at], draws[:, at], rest.units(count), rest))
    return out


@dataclass(slots=True)
class _Look:
    """The first look at the pieces, which are held for the second as far as they are small."""

    room: int
    keys: list[NDArray[np.uint64]] = field(default_factory=list)
    drawn: list[NDArray[np.uint64]] = field(default_factory=list)
    shared: bool = False
    _largest: list[NDArray[np.float64]] = field(default_factory=list)
    _held: list[Chunk] = field(default_factory=list)

    def first(self, pieces: Callable[[], Iterator[Chunk]]) -> Iterator[Chunk]:
        size = 0
        for piece in pieces():
            there = np.where(np.isnan(piece.values), 0.0, np.abs(piece.values))
            self._largest.append(there.max(axis=0, initial=0.0))
            self.keys.append(piece.keys)
            self.drawn.append(piece.drawn)
            self.shared = self.shared or piece.shared is not None
            size += piece.values.nbytes + piece.part.nbytes
            if size <= self.room:
                self._held.append(piece)
            else:
                self._held.clear()
            yield piece

    def again(self, pieces: Callable[[], Iterator[Chunk]]) -> Iterator[Chunk]:
        return iter(self._held) if len(self._held) == len(self.keys) else pieces()

    def bits(self, columns: int) -> NDArray[np.int64]:
        """Binary digits after the point for each column, so that no sum overflows."""
        largest = np.max([np.zeros(columns), *self._largest], axis=0)
        if not np.isfinite(largest).all():
            raise ValueError("only finite numbers can be summed")
        rows = sum(keys.size for keys in self.keys)
        spare = FIXED_BITS - math.ceil(math.log2(2 * rows + 64))
        return np.asarray(spare - np.frexp(largest)[1].astype(np.int64))


@kernel
def _add(
    block: NDArray[np.int64],
    part: NDArray[np.int64],
    whole: NDArray[np.int64],
    there: NDArray[np.bool_],
    sums: NDArray[np.int64],
    totals: NDArray[np.int64],
) -> None:
    for i in range(whole.shape[0]):
        b, p = block[i], part[i]
        for c in range(whole.shape[1]):
            sums[b, p, c] += whole[i, c]
            totals[b, p, c] += there[i, c]


def _drawn(
    sums: NDArray[np.int64],
    totals: NDArray[np.int64],
    bits: NDArray[np.int64],
    blocks: Blocks,
    replicates: int,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Means in the data ``(part, column)`` and in each draw ``(replicate, part, column)``.

    What blocks are off the mean is small and sums to almost nothing, so that floats hold it.
    """
    whole, n = sums.sum(axis=0), totals.sum(axis=0)
    middle = whole // np.maximum(n, 1)
    rest = (sums - totals * middle).astype(np.float64)
    weights = blocks.weights(replicates)
    with np.errstate(divide="ignore", invalid="ignore"):
        off = _weighted(weights, rest) / _weighted(weights, totals.astype(np.float64))
        own = (whole - n * middle) / n
    draws = np.ldexp(middle + own + blocks.wider * (off - own), -bits)
    return np.ldexp(middle + own, -bits), draws


@kernel
def _weighted(weights: NDArray[np.uint8], values: NDArray[np.float64]) -> NDArray[np.float64]:
    out = np.zeros((weights.shape[0], values.shape[1], values.shape[2]))
    for b in range(weights.shape[0]):
        for g in range(weights.shape[1]):
            weight = np.float64(weights[b, g])
            if weight == 0.0:
                continue
            for p in range(values.shape[1]):
                for c in range(values.shape[2]):
                    out[b, p, c] += weight * values[g, p, c]
    return out
