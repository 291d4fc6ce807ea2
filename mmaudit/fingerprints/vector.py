"""Fingerprints of vectors: projections of their standardised directions on a few random axes.

How close copies are, the dataset says: what rounding, a little noise or a factor leave apart is
little beside the spread of the features, and so little that other vectors of the dataset would
hardly ever come that close. In few dimensions, or of few values, many do: there the limit is
smaller, down to where equal vectors alone are copies.

References:
    Johnson and Lindenstrauss 1984 (projections keep distances); Datar, Immorlica, Indyk and
    Mirrokni 2004, doi:10.1145/997817.997857 (cells of projections as keys); Grassberger and
    Procaccia 1983, doi:10.1016/0167-2789(83)90298-1 (pairs within a distance grow by its power)
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache, partial

import numpy as np

from mmaudit.arrays import Bools, Floats, Ints, Keys, Prints, Vector
from mmaudit.fingerprints.base import Fingerprint

AXES = 32
BANDS, ROWS = 6, 8  # axes that make a key; copies at the limit share one in 99 of 100 cases
CELL = 16  # limits that the cells of a key are wide
FARTHEST = 0.03  # standard deviations of a feature that copies are apart, root mean square
LEAST = 1e-5  # limit below which what differs at all is no copy
STRANGERS = 0.01  # pairs of other vectors of the dataset that are expected within the limit
NEAREST, NEAR = 0.01, 0.1  # shares of pairs whose distances say how their number grows
FEWEST = 50  # vectors that the limit can be learnt from
SLACK = 1.6  # of a distance by the axes: its error is an eighth of it
STEADY = 0.01  # spread over size below which directions are lost in rounding
_AXES_OF_BANDS = np.stack([np.random.default_rng(i).permutation(AXES)[:ROWS] for i in range(BANDS)])
_SHIFTS = np.random.default_rng(BANDS).random((BANDS, ROWS))


@dataclass(frozen=True, slots=True)
class Space:
    """What a dataset says of distances between its vectors.

    Attributes:
        centre: Of each feature, ``(feature,)``.
        scale: Its spread, ``(feature,)``.
        unit: Whether vectors are brought to length one first.
        limit: Distance up to which two are copies, in spreads; 0 where none can be told.
    """

    centre: Floats
    scale: Floats
    unit: bool
    limit: float

    def standard(self, rows: Floats) -> Floats:
        """Vectors ``(n, feature)`` whose euclidean distance is the root mean square of features."""
        if self.unit:
            rows = rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-30)
        return np.asarray((rows - self.centre) / (self.scale * np.sqrt(self.scale.size)))

    def distances(self, one: Floats, other: Floats) -> Floats:
        """Distance of each pair of rows, ``(n,)``."""
        return np.asarray(np.linalg.norm(self.standard(one) - self.standard(other), axis=1))


NOTHING = Space(np.zeros(0), np.zeros(0), unit=False, limit=0.0)


def learn(vectors: Sequence[Vector], count: int, farthest: float = FARTHEST) -> Fingerprint:
    """The fingerprint of a dataset.

    Args:
        vectors: Some of its vectors.
        count: How many there are in all.
        farthest: Distance that copies are apart at most, in spreads.
    """
    if not len(vectors):
        return FINGERPRINT
    return _fingerprint(space(np.array(vectors, np.float64), count, farthest))


def space(rows: Floats, count: int, farthest: float = FARTHEST) -> Space:
    """Distances of the vectors of a dataset, and from where on copies are told from others.

    The share of pairs within a distance is taken to grow by a power of it that is seen between two
    quantiles. It is larger than the true one in none of the usual laws, and so is the limit.

    Args:
        rows: Some of them, ``(m, feature)``.
        count: How many there are in all.
        farthest: Distance that copies are apart at most, in spreads.
    """
    if len(rows) < FEWEST or not rows.any():
        return NOTHING
    size = float(np.sqrt(np.mean(np.square(rows))))
    unit = float(np.sqrt(rows.var(axis=0).mean())) > STEADY * size
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    plain = rows / np.maximum(lengths, 1e-30) if unit else rows
    spread = plain.std(axis=0)
    varies = spread > 1e-6 * np.sqrt(np.mean(np.square(plain)))
    if not varies.any():
        return NOTHING
    scale = np.where(varies, spread, np.median(spread[varies]))
    learnt = Space(plain.mean(axis=0), scale, unit, 1.0)
    return replace(learnt, limit=_limit(learnt.standard(rows), count, farthest))


def _limit(standard: Floats, count: int, farthest: float) -> float:
    squares = np.square(standard).sum(axis=1)
    apart = squares[:, None] + squares[None] - 2 * standard @ standard.T
    pairs = np.sqrt(np.maximum(apart[np.triu_indices(len(standard), 1)], 0.0))
    nearest, near = np.quantile(pairs, [NEAREST, NEAR])
    if nearest < LEAST or near <= nearest:
        return 0.0
    dimension = np.log(NEAR / NEAREST) / np.log(near / nearest)
    expected = NEAREST * count * (count - 1) / 2
    limit = min(farthest, float(nearest * min(1.0, STRANGERS / expected) ** (1 / dimension)))
    return limit if limit >= LEAST else 0.0


def take(learnt: Space, vector: Vector, _rate: float) -> bytes | None:
    """Where a vector lies on each axis, ``AXES`` numbers of 32 bits."""
    if not learnt.limit or vector.size != learnt.scale.size or not vector.any():
        return None
    standard = learnt.standard(vector[None].astype(np.float64))
    return (standard @ _axes(vector.size)).astype(np.float32).tobytes()


@lru_cache(maxsize=4)
def _axes(features: int) -> Floats:
    """Random axes, ``(feature, AXES)``: the mean square along them is that of the features."""
    return np.random.default_rng(features).standard_normal((features, AXES))


def stored(learnt: Space, prints: Prints) -> Keys:
    """Cells of a few axes, ``(n, band)``."""
    on_axes = _on_axes(prints)
    keys = np.zeros((len(prints), BANDS), np.uint64)
    for row in range(ROWS):
        cells = np.floor(
            on_axes[:, _AXES_OF_BANDS[:, row]] / (CELL * learnt.limit) + _SHIFTS[:, row]
        )
        keys = keys * np.uint64(0x100000001B3) ^ cells.astype(np.int64).view(np.uint64)
        keys ^= keys >> np.uint64(31)
    return keys


def wanted(learnt: Space, prints: Prints) -> Keys:
    """The same keys, ``(n, 1, band)``."""
    return stored(learnt, prints)[:, None]


def close(learnt: Space, prints: Prints, first: Ints, second: Ints) -> Bools:
    """Whether vectors are near each other along the axes, ``(m,)``."""
    on_axes = _on_axes(prints)
    apart = np.square(on_axes[first] - on_axes[second]).mean(axis=1)
    return np.asarray(np.sqrt(apart) <= SLACK * learnt.limit)


def _on_axes(prints: Prints) -> Floats:
    return np.ascontiguousarray(prints).view(np.float32)


def same(learnt: Space, first: Vector, _first: float, second: Vector, _second: float) -> bool:
    """Whether two vectors are as near each other as copies are."""
    one, other = first[None].astype(np.float64), second[None].astype(np.float64)
    return bool(learnt.distances(one, other)[0] <= learnt.limit)


def _fingerprint(learnt: Space) -> Fingerprint:
    return Fingerprint(
        take=partial(take, learnt),
        stored=partial(stored, learnt),
        wanted=partial(wanted, learnt),
        close=partial(close, learnt),
        same=partial(same, learnt),
        learn=learn,
        finds="the same vector rounded, with noise of 1 % or less, or times a factor, where other "
        "vectors of the dataset are farther apart",
        source="Datar et al. 2004; the limit is that of the dataset, after Grassberger and "
        "Procaccia 1983",
    )


FINGERPRINT = _fingerprint(NOTHING)
