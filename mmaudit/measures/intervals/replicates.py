"""Replicates: a statistic, its bootstrap draws, and what its interval is made of.

Arithmetic goes draw by draw, so it is paired. Where a statistic is a mean of one value a sample, or
its interval is known otherwise, the draws do not make the interval: they cannot show what was not
seen.

References:
    Hesterberg 2015, "What teachers should know about the bootstrap",
    doi:10.1080/00031305.2015.1089789 (expanded percentile intervals for small samples)
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, stdtrit

from mmaudit.bounds import smooth
from mmaudit.measures.intervals import evidence
from mmaudit.measures.intervals.evidence import Evidence
from mmaudit.measures.intervals.joined import Apart, Joint
from mmaudit.rows import Estimate

Bounds = tuple[float, float]
ANY: Bounds = (-math.inf, math.inf)
SHARE: Bounds = (0.0, 1.0)
FEWEST = 20  # units below which draws say nothing of a bounded statistic
MOST_ALIKE = 1 - 1e-9  # a correlation whose z is finite


@dataclass(frozen=True, slots=True)
class Replicates:
    """A statistic and its bootstrap draws; arithmetic goes draw by draw, so it is paired.

    Attributes:
        point: The statistic on the data as it is.
        draws: The statistic in each replicate, ``(replicate,)``; NaN where it is not defined.
        n: How many independent units it was measured on.
        bounds: Smallest and largest value that the statistic can take.
        evidence: What the interval is made of, where it is not the draws.
    """

    point: float
    draws: NDArray[np.float64]
    n: int
    bounds: Bounds = ANY
    evidence: Evidence | None = None

    def estimate(self, level: float = 0.95) -> Estimate:
        """The point and its interval, which always contains the point and lies within the bounds.

        Without evidence it is the hull of two intervals that the draws give: percentiles, expanded
        for small ``n`` as in Hesterberg 2015, since a sample spreads less than its population,
        and Hall's transformation of Student's t by the spread and the skewness of the draws, which
        follow a mean that few samples make. Below `FEWEST` units a bounded statistic may be
        anything. Where all draws agree, the interval of a bounded statistic
        reaches as far as an unseen share of ``1 - (alpha / 2) ** (1 / n)`` of other units could
        move it (Clopper and Pearson's bound for a rate of 0); draws cannot show what was not seen.
        """
        low, high = self._ends(level)
        low, high = max(low, self.bounds[0]), min(high, self.bounds[1])
        return Estimate(self.point, min(low, self.point), max(high, self.point), self.n)

    def _ends(self, level: float) -> Bounds:
        if self.evidence is not None:
            return self.evidence.ends(0.5 - level / 2)
        bounded = math.isfinite(self.bounds[0] + self.bounds[1])
        if self.n < FEWEST and bounded:
            return self.bounds
        defined = self.draws[np.isfinite(self.draws)]
        if self.n < 2 or defined.size < max(2, self.draws.size // 2):
            return self._unseen(level)
        low, high = (float(q) for q in np.quantile(defined, _levels(self.n, level)))
        if low == high == self.point and bounded:
            return self._unseen(level)
        shape = smooth.of_draws(self.point, defined, self.n).ends(0.5 - level / 2)
        return min(low, shape[0]), max(high, shape[1])

    def _unseen(self, level: float) -> Bounds:
        low, high = self.bounds
        share = 1.0 if self.n < 1 else 1 - (0.5 - level / 2) ** (1 / self.n)
        return self.point - share * (self.point - low), self.point + share * (high - self.point)

    def __sub__(self, other: "Replicates") -> "Replicates":
        bounds = (self.bounds[0] - other.bounds[1], self.bounds[1] - other.bounds[0])
        return replace(
            combine(np.subtract, (self, other), bounds), evidence=_difference(self, other)
        )

    def settled(self) -> "Replicates":
        """The same without the samples: its interval is made now."""
        if self.evidence is None:
            return self
        e = self.estimate()
        return replace(self, evidence=evidence.Fixed(e.low, e.high))

    def __truediv__(self, other: "Replicates") -> "Replicates":
        return combine(ratio, (self, other))


def _difference(first: Replicates, second: Replicates) -> Evidence | None:
    """What the interval of a difference is made of."""
    if first.evidence is None or second.evidence is None:
        return None
    means = evidence.alike((first.evidence, second.evidence))
    if means is not None:
        return means[0].minus(means[1])
    values, both = (first.point, second.point), (_loose(first.evidence), _loose(second.evidence))
    r = correlation(first.draws, second.draws)
    return Apart(values, both, lowered(r, min(first.n, second.n)))


def _loose(one: Evidence) -> Evidence:
    """What a difference of a statistic is made of."""
    return one.loose if isinstance(one, Joint) and one.loose is not None else one


def correlation(first: NDArray[np.float64], second: NDArray[np.float64]) -> float:
    """Of the draws of two statistics where both are defined; 0 where one does not vary."""
    there = np.isfinite(first) & np.isfinite(second)
    a, b = first[there], second[there]
    if a.size < 2 or not a.std() or not b.std():
        return 0.0
    return float(np.clip(np.corrcoef(a, b)[0, 1], -1.0, 1.0))


def lowered(r: float, units: int) -> float:
    """A correlation less one standard error of Fisher's z: it is not known better than that.

    A difference whose parts are taken to vary together more than they do is too sure.

    Args:
        r: The correlation, in [-1, 1].
        units: How many samples, or groups of samples, it was seen in.
    """
    z = math.atanh(min(max(r, -MOST_ALIKE), MOST_ALIKE))
    return math.tanh(z - 1 / math.sqrt(max(units - 3, 1)))


def ratio(above: Any, below: Any) -> Any:
    """A quotient; what is divided by 0 is not a number."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.divide(above, below)


def _levels(n: int, level: float) -> tuple[float, float]:
    """The two quantile levels whose normal half-width is that of Student's t for ``n`` units."""
    t = float(stdtrit(n - 1, 0.5 + level / 2))
    tail = float(ndtr(-t * math.sqrt(n / (n - 1))))
    return tail, 1 - tail


def combine(
    function: Callable[..., Any], parts: Sequence[Replicates], bounds: Bounds = ANY
) -> Replicates:
    """A function of several statistics, taken of the points and, draw by draw, of the draws.

    Args:
        function: Takes one number, or one array, for each part.
        parts: Statistics over the same replicates; they may be of different subsets of units.
        bounds: Smallest and largest value of the function.

    Raises:
        ValueError: The parts have different numbers of replicates, or there are none.
    """
    if len({part.draws.size for part in parts}) != 1:
        raise ValueError("statistics of different replicates cannot be combined")
    return Replicates(
        float(function(*(np.float64(part.point) for part in parts))),
        np.asarray(function(*(part.draws for part in parts)), np.float64),
        min(part.n for part in parts),
        bounds,
    )


def linear(weights: Sequence[float], parts: Sequence[Replicates]) -> Replicates:
    """A weighted sum of statistics; weights are not negative and add up to 1."""
    low = min(part.bounds[0] for part in parts)
    high = max(part.bounds[1] for part in parts)
    whole = combine(
        lambda *values: sum(w * v for w, v in zip(weights, values, strict=True)),
        parts,
        (low, high),
    )
    means = evidence.alike([part.evidence for part in parts])
    return replace(whole, evidence=evidence.linear(weights, means) if means else None)


def mean(parts: Sequence[Replicates]) -> Replicates:
    """The mean of several statistics, such as of a family of conditions."""
    return linear([1 / len(parts)] * len(parts), parts)


def widened(plain: Replicates, few: float, shift: float = 0.0) -> Replicates:
    """The same number with a wider interval, for what its draws do not show of few units.

    Args:
        plain: The number.
        few: Parts in n by which the ends are further off.
        shift: How far the middle of the interval is from the number.
    """
    wider, middle = 1 + few / max(plain.n, 1), plain.point + shift

    def ends(tail: float) -> tuple[float, float]:
        estimate = plain.estimate(1 - 2 * tail)
        low, high = (wider * (end - plain.point) for end in (estimate.low, estimate.high))
        return middle + low, middle + high

    return replace(plain, evidence=evidence.By(ends))


def extreme(parts: Sequence[Replicates], *, largest: bool = False) -> Replicates:
    """The smallest (or largest) of several statistics, chosen anew inside each replicate."""
    low, high = min(p.bounds[0] for p in parts), max(p.bounds[1] for p in parts)
    pick = np.maximum if largest else np.minimum
    whole = combine(lambda *values: pick.reduce(values), parts, (low, high))
    means = evidence.alike([part.evidence for part in parts])
    return replace(whole, evidence=evidence.Worst(tuple(means), largest) if means else None)
