"""Evidence that is the samples themselves: exact tests of shares, Gaffke's of other means.

The same tests make the intervals that audits print, so an interval and a decision agree; a test
holds at any level, as a family needs it.
"""

import math
from dataclasses import dataclass

import numpy as np

from mmaudit.bounds import means, ratios, shares
from mmaudit.bounds.means import Bounded
from mmaudit.bounds.ratios import Paired
from mmaudit.bounds.smooth import Moments
from mmaudit.gate.limits import Limit
from mmaudit.gate.numbers.interval import TAIL, by_normal
from mmaudit.rows import Estimate

RARE = 100  # events up to which the number of samples is searched with the exact test
MOST = 10_000_000  # samples
CLOSE = 1e-5


@dataclass(frozen=True, slots=True)
class Sampled:
    """A mean of bounded values of samples, or of groups of samples.

    Attributes:
        data: The values.
        counts: What its units are: samples, or groups.
    """

    data: Bounded
    counts: str = "samples"

    def p_past(self, limit: Limit) -> float:
        """Of the test that the mean is past the limit."""
        if limit.sign > 0:
            return means.p_above(self.data, limit.value) if limit.value >= self.data.low else 0.0
        return means.p_below(self.data, limit.value) if limit.value <= self.data.high else 0.0

    def p_within(self, limit: Limit) -> float:
        """Of the test that it is not; no value is past a bound."""
        if limit.sign > 0:
            return means.p_below(self.data, limit.value) if limit.value < self.data.high else 0.0
        return means.p_above(self.data, limit.value) if limit.value > self.data.low else 0.0

    def ends(self, level: float) -> tuple[float, float]:
        """The limits that the tests do not exclude."""
        return means.ends(self.data, (1 - level) / 2)

    def needed(self, limit: Limit, *, tail: float, power: float) -> int | None:
        """By search with the exact test where events are rare; else by the normal formula.

        Its deviation has one unit more at each bound, so that no event seen is not no spread.
        """
        share = _events(self.data, limit.value)
        if share is not None:
            events, units, at = share
            if min(events, units - events) <= RARE and 0 < at < 1:
                return _search(events / units, at, tail, power)
        return _by_normal(self.data, limit.value, tail, power)


@dataclass(frozen=True, slots=True)
class Ratio:
    """By what share a mean is worse than another one of the same samples."""

    data: Paired
    counts: str = "samples"

    def p_past(self, limit: Limit) -> float:
        """Of the test that the share is above the limit."""
        return means.p_above(self.data.past(limit.value), 0.0)

    def p_within(self, limit: Limit) -> float:
        """Of the test that it is not."""
        return means.p_below(self.data.past(limit.value), 0.0)

    def ends(self, level: float) -> tuple[float, float]:
        """The shares that the tests do not exclude."""
        return ratios.ends(self.data, (1 - level) / 2)

    def needed(self, limit: Limit, *, tail: float, power: float) -> int | None:
        """By the normal formula, for how far samples are past the limit."""
        return _by_normal(self.data.past(limit.value), 0.0, tail, power)


@dataclass(frozen=True, slots=True)
class Smooth:
    """A mean of numbers without a bound; one that a few samples make is not decided.

    Attributes:
        data: Moments of the numbers.
        counts: What its units are: samples, or groups.
        one_sided: Whether a few samples can only make the mean too small, as of sizes.
    """

    data: Moments
    counts: str = "samples"
    one_sided: bool = False

    def p_past(self, limit: Limit) -> float:
        """Of Hall's test that the mean is past the limit."""
        return self._above(limit.value) if limit.sign > 0 else self._below(limit.value)

    def p_within(self, limit: Limit) -> float:
        """Of Hall's test that it is not."""
        if self.data.spread == 0.0 and self.data.mean == limit.value:
            return 0.0
        return self._below(limit.value) if limit.sign > 0 else self._above(limit.value)

    def _above(self, limit: float) -> float:
        return 1.0 if self.data.few and not self.one_sided else self.data.p_above(limit)

    def _below(self, limit: float) -> float:
        return 1.0 if self.data.few else self.data.p_below(limit)

    def ends(self, level: float) -> tuple[float, float]:
        """Hall's interval, open where too few samples make it."""
        low, high = self.data.ends((1 - level) / 2)
        if self.data.few:
            return (low if self.one_sided else -math.inf), math.inf
        return low, high

    def needed(self, limit: Limit, *, tail: float, power: float) -> int | None:
        """By the normal formula, and as many as the skewness asks for."""
        more = by_normal(self.data.spread, self.data.mean - limit.value, tail, power)
        return more and max(more, self.data.enough)


def of_share(estimate: Estimate) -> Sampled | None:
    """The grounds of a share of samples that stand alone: its count, if its interval says so."""
    n, value = estimate.n, estimate.value
    count = round(value * n)
    if n < 1 or not 0 <= count <= n or abs(count - value * n) > CLOSE:
        return None
    low = shares.at_least(count, n, estimate.low) if count else TAIL
    high = shares.at_most(count, n, estimate.high) if count < n else TAIL
    if not np.allclose([low, high], TAIL, rtol=1e-3) or not _ends_at_bounds(estimate, count):
        return None
    return Sampled(means.counted({1.0: count, 0.0: n - count}, 0.0, 1.0))


def _ends_at_bounds(estimate: Estimate, count: int) -> bool:
    none, every = count == 0, count == estimate.n
    return (not none or estimate.low == 0.0) and (not every or estimate.high == 1.0)


def _by_normal(data: Bounded, limit: float, tail: float, power: float) -> int | None:
    """The normal formula, with the unit that Gaffke's test supposes on the wrong side."""
    size = float(data.counts @ data.sizes) / data.units
    far = data.low if data.mean > limit else data.high
    unseen = abs(far - limit) * data.unseen / size
    return by_normal(_deviation(data, size), data.mean - limit, tail, power, unseen)


def _deviation(data: Bounded, size: float) -> float:
    """Standard deviation of a unit of a mean size, with one more at each bound."""
    rest = data.values - data.mean * data.sizes
    beyond = [(bound - data.mean) * data.unseen for bound in (data.low, data.high)]
    squares = float(data.counts @ rest**2) + math.fsum(b**2 for b in beyond)
    return math.sqrt(squares / (data.units + 2)) / size


def _events(data: Bounded, limit: float) -> tuple[int, int, float] | None:
    """How many of how many samples count, and the limit as a share of them; None if not a share.

    A drop in which nothing was won, and that is to be shown small, is the share that was lost.
    """
    if data.successes is not None:
        width = data.high - data.low
        return *data.successes, (limit - data.low) / width
    drop = (data.low, data.high) == (-1.0, 1.0) and (data.sizes == 1.0).all()
    if drop and data.mean < limit and np.isin(data.values, (0.0, 1.0)).all():
        return round(float(data.counts @ data.values)), data.units, limit
    return None


def _search(share: float, at: float, tail: float, power: float) -> int | None:
    """Fewest samples at which the exact test of a share tells it from another one."""
    if share > at:
        share, at = 1 - share, 1 - at  # now it has to be surely below

    def enough(n: int) -> bool:
        low, high = -1, n  # the most events that still show it
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if shares.at_most(middle, n, at) <= tail else (low, middle)
        return low >= 0 and shares.at_most(low, n, share) >= power

    n = 1
    while not enough(n):
        n *= 2
        if n > MOST or share == at:
            return None
    low = n // 2
    while n - low > max(1, n // 1000):
        middle = (low + n) // 2
        low, n = (low, middle) if enough(middle) else (middle, n)
    return n
