"""Means: is the mean of bounded values past a limit? No normal theory, no random numbers.

The samples are weighed at random, with exponential weights, and one more sample is added at the
bound of the metric that speaks against the claim: what was not seen may be there. For values of 0
and 1 this is the exact binomial test. The weighted sum's distribution is found by a saddlepoint
approximation, so a p-value holds at any level, as a family of tests needs it.

That the test keeps its level for every bounded distribution is conjectured (Learned-Miller and
Thomas); it is proven for values of 0 and 1, and held in every simulation of `docs/gate_error.md`.

References:
    Gaffke 2005, "Three test statistics for a nonparametric one-sided hypothesis on the mean of a
    nonnegative variable"
    Learned-Miller and Thomas 2019, "A new confidence interval for the mean of a bounded random
    variable", arXiv:1905.06208
    Lugannani and Rice 1980, "Saddle point approximation for the distribution of the sum of
    independent random variables", doi:10.2307/1426607; r* of Barndorff-Nielsen 1986
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from mmaudit.arrays import Floats, Ints
from mmaudit.bounds.shares import at_least, at_most
from mmaudit.bounds.shares import ends as share_ends

TAIL = 0.025  # error on each side of a printed interval
STEPS = 50  # of a bisection
NEWTON = 60
FINE = 1e-10  # of an end, as a share of the distance to the bound
FAR = 1e9  # a statistic that no level reaches
FLAT = 1e-4  # below this r the quotient log(u / r) / r is replaced by its limit
BINS = 1024
GRAIN = 2.0**-32


@dataclass(frozen=True, slots=True)
class Bounded:
    """Values of independent units between two bounds; a unit is a sample, or a group of samples.

    Attributes:
        values: Distinct values of a unit, each the sum over its samples, ``(value,)``.
        sizes: Samples of such a unit, ``(value,)``.
        counts: How many units are like that, ``(value,)``.
        low: Smallest value that a sample can have.
        high: Largest value that a sample can have.
    """

    values: Floats
    sizes: Floats
    counts: Floats
    low: float
    high: float

    @property
    def mean(self) -> float:
        """Mean over samples."""
        return float(self.counts @ self.values / (self.counts @ self.sizes))

    @property
    def units(self) -> int:
        """How many units there are."""
        return round(float(self.counts.sum()))

    @property
    def successes(self) -> tuple[int, int] | None:
        """Units at the upper bound, and all, where each is at a bound and all are as large."""
        size = float(self.sizes[0])
        at_bounds = np.isin(self.values, (self.low * size, self.high * size)).all()
        if not at_bounds or (self.sizes != size).any() or self.low == self.high:
            return None
        return round(float(self.counts[self.values == self.high * size].sum())), self.units

    @property
    def unseen(self) -> float:
        """Samples of the unit that was not seen: as many as in the unit of a sample, on average."""
        return float(self.counts @ self.sizes**2 / (self.counts @ self.sizes))


def bounded(values: Floats, low: float, high: float, groups: Ints | None = None) -> Bounded:
    """Values as units: each sample is one, or each group.

    Where there are more than 1,024 distinct values, those in one of so many bins of equal width
    are replaced by their mean: what is lost of the variance is below a millionth. Values are
    rounded to multiples of 2**-32, so that sums are the same in any order.

    Args:
        values: One value a sample, ``(sample,)``, within the bounds.
        low: Smallest possible value.
        high: Largest possible value.
        groups: Number of each sample's group, ``(sample,)``, from 0.

    Raises:
        ValueError: There is no value, or one is outside the bounds.
    """
    if not values.size or not (low <= values.min() and values.max() <= high):
        raise ValueError("values within the bounds are needed, and at least one")
    values = np.rint(np.asarray(values, np.float64) / GRAIN) * GRAIN
    if groups is None:
        return Bounded(*_gathered(values, np.ones(values.size)), low, high)
    members = np.bincount(groups).astype(np.float64)
    some = members > 0
    return Bounded(
        *_gathered(np.bincount(groups, values).astype(np.float64)[some], members[some]), low, high
    )


def counted(counts: dict[float, int], low: float, high: float) -> Bounded:
    """The same from how often each value occurred, as for drops of shares: -1, 0 and 1."""
    values = np.array(sorted(v for v, n in counts.items() if n), np.float64)
    numbers = np.array([counts[v] for v in values.tolist()], np.float64)
    return Bounded(values, np.ones(values.size), numbers, low, high)


def _gathered(sums: Floats, sizes: Floats) -> tuple[Floats, Floats, Floats]:
    """Distinct units, and how often each occurs; near ones together where there are many."""
    # a few of them may show that there are too many, without all being sorted
    many = np.unique(sums[: 4 * BINS]).size > BINS
    at = None if many else _numbers(np.searchsorted(np.unique(sums), sums), sizes)
    if at is None or at.max() >= BINS:
        width = float(sums.max() - sums.min()) / BINS
        place = np.floor((sums - sums.min()) / width).astype(np.int64)
        at = _numbers((np.cumsum(np.bincount(place) > 0) - 1)[place], sizes)
    counts = np.bincount(at).astype(np.float64)
    return np.bincount(at, sums) / counts, np.bincount(at, sizes) / counts, counts


def _numbers(ranks: Ints, sizes: Floats) -> Ints:
    """Number of each distinct pair of value's rank and size, ``(unit,)``, from 0, without gaps."""
    at = ranks.reshape(-1).astype(np.int64)
    if (sizes != sizes[0]).any():
        _, other = np.unique(sizes, return_inverse=True)
        _, at = np.unique(at * (int(other.max()) + 1) + other, return_inverse=True)
    return np.asarray(at.reshape(-1), np.int64)


def p_above(data: Bounded, limit: float) -> float:
    """One-sided p-value of "the mean is at most ``limit``": small where it is surely above."""
    share = data.successes
    if share is not None:
        return at_least(*share, (limit - data.low) / (data.high - data.low))
    return _p(statistic(data, limit, -1))


def p_below(data: Bounded, limit: float) -> float:
    """One-sided p-value of "the mean is at least ``limit``": small where it is surely below."""
    share = data.successes
    if share is not None:
        return at_most(*share, (limit - data.low) / (data.high - data.low))
    return _p(statistic(data, limit, 1))


def ends(data: Bounded, tail: float = TAIL) -> tuple[float, float]:
    """The limits that the two tests do not exclude, at ``tail`` on each side, rounded outward.

    Example:
        >>> low, high = ends(bounded(np.zeros(100), 0.0, 1.0))
        >>> low, round(high, 3)
        (0.0, 0.036)
    """
    share = data.successes
    if share is not None:
        low, high = (data.low + (data.high - data.low) * e for e in share_ends(*share, tail))
        return low, high
    return _end(data, tail, -1), _end(data, tail, 1)


def upper(data: Bounded, tail: float = TAIL) -> float:
    """The upper one of the two ends."""
    share = data.successes
    if share is not None:
        return ends(data, tail)[1]
    return _end(data, tail, 1)


def _end(data: Bounded, tail: float, side: int) -> float:
    from statistics import NormalDist  # noqa: PLC0415  only where a number is needed

    z, bound = NormalDist().inv_cdf(1 - tail), data.high if side > 0 else data.low
    return edge(lambda limit: statistic(data, limit, side) - z, data.mean, bound)


def edge(excess: Callable[[float], float], inner: float, outer: float) -> float:
    """Where a rising statistic crosses 0 on the way from an inner limit to an outer one.

    Inverse quadratic interpolation kept inside a bracket (Chandrupatla 1997,
    doi:10.1016/S0965-9978(96)00051-8); the end of the bracket that is excluded is returned.

    Args:
        excess: Above 0 where a limit is excluded; it is more so the farther it lies out.
        inner: A limit that is not excluded, as the estimate itself.
        outer: The farthest limit.
    """
    b, fb = outer, excess(outer)
    if fb <= 0 or inner == outer:
        return outer
    a, fa = inner, min(excess(inner), 0.0)
    c, fc, t = a, fa, 0.5
    # limits that are neighbours among the floats are not told apart any further
    fine = max(FINE * abs(outer - inner), 4 * math.ulp(max(abs(outer), abs(inner))))
    while abs(b - a) > fine:
        x = a + t * (b - a)
        fx = excess(x)
        if (fx > 0) == (fa > 0):
            c, fc = a, fa
        else:
            c, fc, b, fb = b, fb, a, fa
        a, fa = x, fx
        t = _next(a, b, c, fa, fb, fc)
        least = 0.5 * fine / max(abs(b - a), fine)
        t = min(max(t, least), 1 - least)
    return a if fa > 0 else b


def _next(a: float, b: float, c: float, fa: float, fb: float, fc: float) -> float:
    """How far from a to b the next look is: by interpolation where it is to be trusted."""
    if fb == fc or b == c or abs(fa) + abs(fb) > FAR:
        return 0.5
    x, phi = (a - b) / (c - b), (fa - fb) / (fc - fb)
    if not (1 - math.sqrt(1 - x) < phi < math.sqrt(x)):
        return 0.5
    return fa / (fb - fa) * fc / (fb - fc) + (c - a) / (b - a) * fa / (fc - fa) * fb / (fc - fb)


def bisected(excluded: Callable[[float], bool], inner: float, outer: float) -> float:
    """The edge of what a test does not exclude, on its outer side.

    Args:
        excluded: Whether a limit is excluded; it is more so the farther it lies out.
        inner: A limit that is not excluded, as the estimate itself.
        outer: The farthest limit.
    """
    if not excluded(outer):
        return outer
    for _ in range(STEPS):
        middle = (inner + outer) / 2
        if excluded(middle):
            outer = middle
        else:
            inner = middle
    return outer


def statistic(data: Bounded, limit: float, side: int) -> float:
    """The statistic that is normal under the hypothesis, the unseen unit among the values.

    Args:
        data: The values.
        limit: The limit.
        side: 1 for a mean that is at least the limit, -1 for one that is at most.
    """
    values, counts = np.empty(data.counts.size + 1), np.ones(data.counts.size + 1)
    values[:-1], counts[:-1] = data.values - limit * data.sizes, data.counts
    values[-1] = ((data.high if side > 0 else data.low) - limit) * data.unseen
    return star(side * values, counts)


def _p(normal: float) -> float:
    return 0.5 * math.erfc(normal / math.sqrt(2.0))


def star(values: Floats, counts: Floats) -> float:
    """Barndorff-Nielsen's r* of the sum of E_i a_i at 0; its normal tail is P(sum >= 0).

    Args:
        values: Values a, ``(value,)``.
        counts: How often each occurs, ``(value,)``, above 0.
    """
    least, most = float(values.min()), float(values.max())
    if most <= 0.0:
        return FAR
    if least >= 0.0:
        return -FAR
    s = _saddlepoint(values, counts, 1.0 / least, 1.0 / most)
    parts = values / (1.0 - s * values)
    r = math.copysign(math.sqrt(max(2.0 * float(counts @ np.log1p(-s * values)), 0.0)), s)
    u = s * math.sqrt(float(counts @ (parts * parts)))
    if abs(r) < FLAT:
        second, third = float(counts @ values**2), 2.0 * float(counts @ values**3)
        return third / (6.0 * second**1.5)
    return r + math.log(u / r) / r


def _saddlepoint(values: Floats, counts: Floats, left: float, right: float) -> float:
    """Where the derivative of the cumulant function is 0: Newton kept inside a bracket."""
    low, high = left * (1 - 1e-13), right * (1 - 1e-13)
    s, fine = 0.0, 1e-12 * min(abs(left), abs(right))
    for _ in range(NEWTON):
        parts = values / (1.0 - s * values)
        slope, curvature = float(counts @ parts), float(counts @ (parts * parts))
        low, high = (low, s) if slope > 0 else (s, high)
        step = s - slope / curvature
        after = step if low < step < high else (low + high) / 2
        if abs(after - s) <= fine:
            return after
        s = after
    return s
