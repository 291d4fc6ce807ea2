"""Evidence: what the interval of a statistic is made of, where that is more than its draws.

A mean of bounded values has Gaffke's interval (of 0 and 1 Clopper and Pearson's), one of unbounded
values Hall's, a quotient of two means the interval that tests of a difference give, the worst of
several its rows' own ends. What is joined from several statistics by how their draws go together
is in `mmaudit.measures.intervals.joined`.

References:
    Berger 1982, doi:10.2307/1267823 (the worst of several)
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from mmaudit.arrays import Bools, Floats, Ints
from mmaudit.bounds import means, ratios, smooth
from mmaudit.bounds.calibration import Bracket, bracket
from mmaudit.bounds.means import TAIL, Bounded
from mmaudit.bounds.unseen import few_differ, root_moves

Ends = tuple[float, float]


class Evidence(Protocol):
    """What an interval is made of."""

    def ends(self, tail: float) -> Ends:
        """The interval at an error on each side."""
        ...


@dataclass(frozen=True, slots=True)
class Mean:
    """The statistic is the mean of one value a sample.

    Attributes:
        values: The values, ``(sample,)``.
        groups: Number of each sample's group, ``(sample,)``; None where samples stand alone.
        low: Least value that a sample can have; infinite where there is none.
        high: Largest value that a sample can have.
        rows: Which rows of the data have a value, ``(row,)``; None where all have.
        span: Least and largest value that a sample may have by what was seen of all, where `low`
            and `high` do not say it.
        still: What is as good as 0 beside what was seen, so that it tells nothing of it.
    """

    values: NDArray[np.generic]
    groups: Ints | None
    low: float
    high: float
    rows: Bools | None = None
    span: Ends = (-math.inf, math.inf)
    still: float = 0.0

    def ends(self, tail: float) -> Ends:
        """Gaffke's interval, or Hall's where a bound is infinite and many are off 0."""
        data = self._bounded()
        if data is not None:
            return means.ends(data, tail)
        values = np.asarray(self.values, np.float64)
        return smooth_ends(values, self.groups, tail, one_sided=math.isfinite(self.low))

    def sign(self, tail: float) -> int:
        """1 where the mean is surely above 0, -1 where it is surely below, else 0."""
        data = self._bounded()
        if data is not None:
            return (means.p_above(data, 0.0) <= tail) - (means.p_below(data, 0.0) <= tail)
        low, high = self.ends(tail)
        return (low > 0) - (high < 0)

    def few(self) -> bool:
        """Whether few of many units are off 0."""
        return few_differ(np.asarray(self.values, np.float64), self.groups, self.still)

    def _bounded(self) -> Bounded | None:
        """The values between their bounds, or those that were seen where few are off 0."""
        bounds = self.low, self.high
        if not np.isfinite(bounds).all():
            if not 0.0 < self.span[1] - self.span[0] < math.inf or not self.few():
                return None
            bounds = self.span
        values = np.clip(np.asarray(self.values, np.float64), *bounds)
        return means.bounded(values, *bounds, self.groups)

    def minus(self, other: "Mean") -> "Mean":
        """The difference, sample by sample."""
        return linear((1.0, -1.0), (self, other))


def linear(weights: Sequence[float], parts: Sequence[Mean]) -> Mean:
    """A weighted sum of means of the same samples."""
    values = sum(w * np.asarray(p.values, np.float64) for w, p in zip(weights, parts, strict=True))
    low, high = _summed(weights, [(p.low, p.high) for p in parts])
    span = _summed(weights, [p.span for p in parts])
    still = max(part.still for part in parts)
    return Mean(np.asarray(values), parts[0].groups, low, high, parts[0].rows, span, still)


def _summed(weights: Sequence[float], bounds: Sequence[Ends]) -> Ends:
    """The bounds of a weighted sum."""
    pairs = [sorted((w * a, w * b)) for w, (a, b) in zip(weights, bounds, strict=True) if w]
    low, high = (math.fsum(side) for side in zip(*pairs, strict=True))
    return low, high


def alike(parts: Sequence[Evidence | None]) -> list[Mean] | None:
    """The parts, where all are means of the same samples."""
    some = [part for part in parts if isinstance(part, Mean)]
    same = len(some) == len(parts) and all(_paired(part, some[0]) for part in some)
    return some if same else None


def _paired(first: Mean, second: Mean) -> bool:
    """Whether two means are of the same samples, as far as they say."""
    if first.values.size != second.values.size:
        return False
    if first.rows is None or second.rows is None:
        return first.rows is second.rows
    return np.array_equal(first.rows, second.rows)


def smooth_ends(
    values: Floats, groups: Ints | None, tail: float, *, one_sided: bool = False
) -> Ends:
    """Hall's interval; an end that a few samples make is open.

    Args:
        values: The values, ``(sample,)``.
        groups: Number of each sample's group; groups count by what they are off the mean in all.
        tail: Error on each side.
        one_sided: Whether only the upper end can be made by a few samples.
    """
    shape = smooth.moments(values, groups)
    low, high = shape.ends(tail)
    if shape.few:
        return (low if one_sided else -math.inf), math.inf
    return low, high


@dataclass(frozen=True, slots=True)
class Root:
    """The statistic is the root of a mean of squares."""

    square: Mean

    def ends(self, tail: float) -> Ends:
        """The roots of its ends."""
        low, high = self.square.ends(tail)
        return math.sqrt(max(low, 0.0)), math.sqrt(high)

    @property
    def answers(self) -> Mean:
        """Its squares: where few of them differ, draws and moments say little of others."""
        return self.square

    def reach(self, units: float) -> float:
        """How far so many units whose squares are the largest that were seen may move it."""
        one = self.square
        values = np.asarray(one.values, np.float64)
        return root_moves(values, one.groups, one.span[1], units)


@dataclass(frozen=True, slots=True)
class Lost:
    """The statistic is what one mean lost against another, as a share of the latter."""

    clean: Mean
    worse: Mean

    def ends(self, tail: float) -> Ends:
        """Where the tests of ``clean - worse - share * clean`` begin to refute."""
        first, second = (np.asarray(m.values, np.float64) for m in (self.clean, self.worse))
        low, high = min(self.clean.low, self.worse.low), max(self.clean.high, self.worse.high)
        return ratios.ends(ratios.pairs(first, second, low, high, self.clean.groups), tail)


@dataclass(frozen=True, slots=True)
class Quotient:
    """The statistic is one mean over another one of the same samples."""

    above: Mean
    below: Mean

    def ends(self, tail: float) -> Ends:
        """One less what the mean above lost against that below."""
        low, high = Lost(self.below, self.above).ends(tail)
        return 1 - high, 1 - low


@dataclass(frozen=True, slots=True)
class Worst:
    """The statistic is the smallest of several, or the largest.

    The end beyond which no row may lie needs no correction, the other one does.
    """

    parts: tuple[Mean, ...]
    largest: bool

    def ends(self, tail: float) -> Ends:
        """The farthest far end, and the farthest near end of all at their share of the level."""
        far = [part.ends(tail) for part in self.parts]
        near = [part.ends(tail / len(self.parts)) for part in self.parts]
        if self.largest:
            return max(low for low, _ in near), max(high for _, high in far)
        return min(low for low, _ in far), min(high for _, high in near)


@dataclass(frozen=True, slots=True)
class Miscalibration:
    """The statistic is a calibration error, which noise makes too large.

    Attributes:
        gaps: Whether each answer was right, minus its confidence, ``(sample,)``.
        bins: Bin of each sample by confidence, ``(sample,)``, from 0.
        count: How many bins there are.
        groups: Number of each sample's group, ``(sample,)``; None where samples stand alone.
    """

    gaps: Floats
    bins: Ints
    count: int
    groups: Ints | None
    _made: dict[float, Bracket] = field(default_factory=dict)

    def ends(self, tail: float) -> Ends:
        """The bracket."""
        whole = self._bracket(tail)
        return whole.low, whole.high

    def middles(self, tail: float) -> Ends:
        """What is left of the error when the noise that it may hold is taken off."""
        whole = self._bracket(tail)
        return whole.least, whole.most

    def _bracket(self, tail: float) -> Bracket:
        if tail not in self._made:
            self._made[tail] = bracket(self.gaps, self.bins, self.count, tail, self.groups)
        return self._made[tail]


@dataclass(frozen=True, slots=True)
class By:
    """The interval is known as a function of the error on each side; each is made once.

    Attributes:
        function: From the error to the interval.
        reach: From a number of units of which all is lost to how far they move the statistic.
        answers: What samples were answered, where the interval itself knows nothing of units that
            were not seen, so that they matter where few of the answers differ.
    """

    function: Callable[[float], Ends]
    reach: Callable[[float], float] = lambda _: 0.0
    answers: Mean | None = None
    _made: dict[float, Ends] = field(default_factory=dict)

    def ends(self, tail: float) -> Ends:
        """What the function says."""
        if tail not in self._made:
            self._made[tail] = self.function(tail)
        return self._made[tail]


@dataclass(frozen=True, slots=True)
class Fixed:
    """The interval at the stated level alone; the samples that it was made of are gone."""

    low: float
    high: float

    def ends(self, tail: float) -> Ends:
        """The ends at the level they were made for.

        Raises:
            ValueError: Another level is asked for.
        """
        if not math.isclose(tail, TAIL):
            raise ValueError("the samples that an interval of another level needs are gone")
        return self.low, self.high
