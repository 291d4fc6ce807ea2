"""Ratios: by what share a mean is worse than another mean of the same samples.

Whether the share exceeds r is whether the mean of ``first - second - r first`` exceeds 0, which is
a test of `mmaudit.bounds.means`; no variance of a ratio is needed, and no normal theory.

References:
    Fieller 1954, "Some problems in interval estimation" (the idea of testing the difference)
"""

import math
from dataclasses import dataclass

import numpy as np

from mmaudit.arrays import Floats, Ints
from mmaudit.bounds.means import GRAIN, TAIL, Bounded, bounded, edge, statistic

FARTHEST = 1e6  # a share beyond which an end is called open
MANY = 4096  # kinds of samples above which those that are nearly alike are counted as one
SIDE = 128  # cells of either value into which they then go


@dataclass(frozen=True, slots=True)
class Paired:
    """Two values of each sample.

    Attributes:
        first: The values that are compared with, ``(sample,)``, or sums of alike ones.
        second: The values that may be worse.
        counts: How many samples are like that, ``(sample,)``; None for one each.
        low: Least value of either.
        high: Largest value of either.
        groups: Number of each sample's group; None where samples stand alone.
        sign: 1 where lower values are worse, -1 where higher ones are.
    """

    first: Floats
    second: Floats
    counts: Floats | None
    low: float
    high: float
    groups: Ints | None
    sign: int

    def past(self, share: float) -> Bounded:
        """How far each sample is past a worsening of ``share``; on average above 0 if it is so."""
        weight = self.sign - share
        values = weight * self.first - self.sign * self.second
        ends = [
            (weight * self.low, weight * self.high),
            (self.sign * self.low, self.sign * self.high),
        ]
        low, high = min(ends[0]) - max(ends[1]), max(ends[0]) - min(ends[1])
        if self.counts is None:
            return bounded(np.clip(values, low, high), low, high, self.groups)
        return Bounded(values, np.ones(values.size), self.counts, low, high)

    @property
    def value(self) -> float:
        """The share by which the second mean is worse than the first."""
        parts = (self.second, self.first)
        counted = parts if self.counts is None else [self.counts * part for part in parts]
        second, first = (math.fsum(part.tolist()) for part in counted)
        return self.sign * (1.0 - second / first) if first else math.nan


def pairs(
    first: Floats,
    second: Floats,
    low: float,
    high: float,
    groups: Ints | None = None,
    *,
    sign: int = 1,
) -> Paired:
    """Two values of each sample; alike samples are counted where there are few kinds of them.

    Of very many kinds those in one of 128 x 128 cells are replaced by their means: what is lost of
    a variance is below a hundred-thousandth of the squared range.

    Args:
        first: The values that are compared with, ``(sample,)``.
        second: The values that may be worse, ``(sample,)``.
        low: Least value of either.
        high: Largest value of either.
        groups: Number of each sample's group.
        sign: 1 where lower values are worse, -1 where higher ones are.
    """
    if groups is None:
        kinds = _kinds(first, second)
        if kinds is None:
            return Paired(*_gathered(first, second, low, high), low, high, None, sign)
        if kinds[2].size < first.size / 2:
            return Paired(*kinds, low, high, None, sign)
    return Paired(first, second, None, low, high, groups, sign)


def _kinds(first: Floats, second: Floats) -> tuple[Floats, Floats, Floats] | None:
    """Both values of each kind of sample, and how many there are; None of more than `MANY`."""
    both = np.empty(first.size, np.complex128)  # numbers of two parts are sorted fastest
    both.real, both.imag = first, second
    if np.unique(both[: 2 * MANY]).size > MANY:  # a few tell, without all being sorted
        return None
    kinds, counts = np.unique(both, return_counts=True)
    if counts.size > MANY:
        return None
    return kinds.real.copy(), kinds.imag.copy(), counts.astype(np.float64)


def _gathered(
    first: Floats, second: Floats, low: float, high: float
) -> tuple[Floats, Floats, Floats]:
    """Means of both values in each cell that has samples, and how many it has."""
    both = [np.rint(values / GRAIN) * GRAIN for values in (first, second)]  # sums of any order
    places = [
        np.minimum((np.clip(v, low, high) - low) * (SIDE / (high - low)), SIDE - 1) for v in both
    ]
    at = places[0].astype(np.int64) * SIDE + places[1].astype(np.int64)
    counts = np.bincount(at).astype(np.float64)
    some = counts > 0
    sums = (np.bincount(at, v)[some] / counts[some] for v in both)
    return next(sums), next(sums), counts[some]


def ends(data: Paired, tail: float = TAIL) -> tuple[float, float]:
    """The shares that the two tests do not exclude; infinite where none is excluded.

    Example:
        >>> right, wrong = np.ones(200), np.zeros(10)
        >>> low, high = ends(pairs(right, np.append(right[10:], wrong), 0.0, 1.0))
        >>> round(low, 3), round(high, 3)
        (0.017, 0.09)
    """
    from statistics import NormalDist  # noqa: PLC0415  only where a number is needed

    z, value = NormalDist().inv_cdf(1 - tail), data.value
    if not math.isfinite(value):
        return -math.inf, math.inf
    return _end(data, value, z, -1), _end(data, value, z, 1)


def _end(data: Paired, value: float, z: float, side: int) -> float:
    def excess(share: float) -> float:
        return statistic(data.past(share), 0.0, side) - z

    step = 1.0
    while excess(value + side * step) <= 0:
        step *= 2
        if step > FARTHEST:
            return side * math.inf
    return edge(excess, value, value + side * step)
