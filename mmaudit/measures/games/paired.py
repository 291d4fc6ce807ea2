"""Shapley values from some coalitions and their complements, for when there are too many.

Each modality alone, and all without it, are asked of every sample; beside them each sample has
coalitions of its own, every size as often as its share of the least squares problem asks for, each
with its complement. Where there are few coalitions of a size none is drawn twice. Least squares by
the kernel of the Shapley value, under the constraint that values add up, give the values. The
standard error is made of how far pairs are off what the values say without them; it borrows from
the sample's other modalities, and is so wide, by Student's t, that 1.96 of it hold the truth in
95 %.

References:
    Lundberg and Lee 2017, "A unified approach to interpreting model predictions", arXiv:1705.07874
    Covert and Lee 2021, "Improving KernelSHAP", arXiv:2012.01536 (pairs)
    Musco and Witter 2024, "Provably accurate Shapley value estimation via leverage score
    sampling", arXiv:2410.01917 (every size as often)
    MacKinnon and White 1985, doi:10.1016/0304-4076(85)90158-7 (errors without the row itself)
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from itertools import combinations
from math import comb

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit

from mmaudit.arrays import Bools, Floats, Ints
from mmaudit.rows import Metric
from mmaudit.seeds import permanent

METRICS = {
    "phi_error": Metric(
        "Monte-Carlo standard error of a sample's Shapley value", "", "lower", low=0.0
    ),
    "phi_shift": Metric(
        "how much larger the mean Shapley value is than with many donors, by the jackknife",
        unsure="it is an estimate of a bias, from shares of few donors",
    ),
}
LISTED = 512  # coalitions of a size that are listed, so that none is drawn twice
BORROWED = 8.0  # degrees of freedom that a modality's error takes from the sample's others
WORTH = 0.25  # of a degree that is borrowed
MOST_LEVERAGE = 0.9
NORMAL, TAIL = 1.959964, 0.025
ROUNDING = 1e-9  # an error that rounding alone may make

Evaluate = Callable[[NDArray[np.bool_]], NDArray[np.float64]]


@dataclass(frozen=True, slots=True)
class Stratum:
    """The coalitions of one size, each with its complement.

    Attributes:
        size: How many are in the smaller one.
        pairs: How many pairs there are.
        drawn: How many are drawn.
        players: How many play.
    """

    size: int
    pairs: int
    drawn: int
    players: int

    @property
    def listed(self) -> bool:
        """Whether none is drawn twice."""
        return self.pairs <= LISTED

    @property
    def unseen(self) -> float:
        """Share of the variance that is there still: none where all are drawn."""
        return 1 - self.drawn / self.pairs if self.listed else 1.0

    @property
    def weight(self) -> float:
        """Of each coalition that is drawn: a size weighs the same however many are."""
        both = 2 if 2 * self.size == self.players else 1
        return 1 / (self.size * (self.players - self.size) * max(self.drawn, 1) * both)


@cache
def strata(players: int, count: int) -> tuple[Stratum, ...]:
    """How many pairs of each size there are: all of one alone, and ``count`` of the others."""
    sizes = range(1, players // 2 + 1)
    pairs = {s: comb(players, s) // (2 if 2 * s == players else 1) for s in sizes}
    drawn = {s: pairs[s] if s == 1 else 0 for s in sizes}
    for _ in range(count):
        able = [s for s in sizes if s > 1 and (drawn[s] < pairs[s] or pairs[s] > LISTED)]
        if not able:
            break
        fewest = min(able, key=lambda s: drawn[s] * (2 if 2 * s == players else 1))
        drawn[fewest] += 1
    return tuple(Stratum(s, pairs[s], drawn[s], players) for s in sizes)


def passes(modalities: int, count: int) -> int:
    """Coalitions to be evaluated: all, none, each alone, all without it, ``count`` pairs."""
    return 2 + 2 * (modalities + count)


def affordable(modalities: int, budget: int) -> int:
    """How many pairs a budget of passes pays for."""
    return (budget - passes(modalities, 0)) // 2


def least(modalities: int) -> int:
    """The fewest pairs beside each alone that errors are made of: two of each size, and more."""
    return max(modalities, 2 * (modalities // 2 - 1))


def coalitions(keys: NDArray[np.uint64], players: int, plan: tuple[Stratum, ...]) -> Bools:
    """The smaller coalition of each pair that is drawn, ``(sample, pair, player)``, by size."""
    out = [np.zeros((keys.size, 0, players), bool)]
    for stratum in plan[1:]:
        own = keys ^ np.uint64(stratum.size)
        if stratum.listed:
            order = np.argsort(permanent(own, stratum.pairs), axis=1, kind="stable")
            out.append(_listed(players, stratum.size)[order[:, : stratum.drawn]])
        else:
            words = permanent(own, stratum.drawn * players)
            rank = words.reshape(keys.size, stratum.drawn, players).argsort(axis=2).argsort(axis=2)
            out.append(rank < stratum.size)
    return np.concatenate(out, axis=1)


@cache
def _listed(players: int, size: int) -> Bools:
    """All coalitions of one size; of each and its complement, where both have it, one."""
    some = np.array(list(combinations(range(players), size)))
    some = some[some[:, 0] == 0] if 2 * size == players else some
    return (some[:, :, None] == np.arange(players)).any(axis=1)


def sampled(
    evaluate: Evaluate,
    keys: NDArray[np.uint64],
    present: Bools,
    count: int,
    ends: tuple[Floats, Floats, Floats],
) -> tuple[Floats, Floats]:
    """Estimate Shapley values.

    Args:
        evaluate: From who is there ``(sample, modality)`` to what that is worth, by one or more
            value functions, ``(sample, value)``.
        keys: A random number of each sample, ``(sample,)``.
        present: Which modalities each sample has, ``(sample, modality)``: they are who plays.
        count: How many pairs are drawn.
        ends: Worth of nobody and of everybody, ``(sample, value)``, and of each alone,
            ``(sample, modality, value)``.

    Returns:
        The values and their standard errors, each ``(sample, modality, value)``; an error is NaN
        where coalitions are missing and those that were drawn do not differ from what the values
        say, so that nothing is known of it.
    """
    nobody, everybody, alone = ends
    count_of = present.sum(axis=1)
    groups = [
        _Group.of(present, count_of == p, keys, p, count) for p in set(count_of.tolist()) - {0}
    ]
    there = np.zeros((len(keys), count, present.shape[1]), bool)
    for group in groups:
        pair = np.arange(group.drawn.shape[1])
        there[group.rows[:, None, None], pair[:, None], group.at[:, None, :]] = group.drawn
    one = np.eye(present.shape[1], dtype=bool)
    singles = [alone[:, m] - evaluate(present & ~own) for m, own in enumerate(one)]
    pairs = [evaluate(there[:, k]) - evaluate(present & ~there[:, k]) for k in range(count)]
    gaps = np.stack([*singles, *pairs], axis=1)
    phi, error = np.zeros((2, *present.shape, nobody.shape[1]))
    for group in groups:
        own = solved(
            group.joined,
            gaps[group.rows[:, None], group.places(len(one))],
            (everybody - nobody)[group.rows],
            group.plan,
        )
        phi[group.rows[:, None], group.at], error[group.rows[:, None], group.at] = own
    return phi, error


@dataclass(frozen=True, slots=True)
class _Group:
    """Samples that have as many modalities.

    Attributes:
        rows: Which, ``(n,)``.
        at: Which modalities each has, ``(n, player)``.
        plan: Their pairs by size.
        drawn: The smaller coalition of each pair that is drawn, ``(n, pair, player)``.
    """

    rows: Ints
    at: Ints
    plan: tuple[Stratum, ...]
    drawn: Bools

    @classmethod
    def of(
        cls, present: Bools, some: Bools, keys: NDArray[np.uint64], players: int, count: int
    ) -> "_Group":
        """The samples of `some`."""
        rows, plan = np.flatnonzero(some), strata(players, count)
        at = np.nonzero(present[rows])[1].reshape(rows.size, players)
        return cls(rows, at, plan, coalitions(keys[rows], players, plan))

    @property
    def singles(self) -> int:
        """How many pairs are one modality and all others."""
        return self.plan[0].pairs if self.plan else 0

    @property
    def joined(self) -> Bools:
        """The smaller coalition of each pair, ``(n, pair, player)``."""
        one = np.eye(self.at.shape[1], dtype=bool)[: self.singles]
        return np.concatenate([np.tile(one, (self.rows.size, 1, 1)), self.drawn], axis=1)

    def places(self, modalities: int) -> Ints:
        """Where the gaps of its pairs are, ``(n, pair)``, singles first."""
        pairs = np.arange(self.drawn.shape[1]) + modalities
        return np.concatenate(
            [self.at[:, : self.singles], np.tile(pairs, (self.rows.size, 1))], axis=1
        )


def solved(
    joined: Bools, gaps: Floats, gain: Floats, plan: tuple[Stratum, ...]
) -> tuple[Floats, Floats]:
    """Values and errors from the gaps between coalitions and their complements.

    Args:
        joined: The smaller coalition of each pair, ``(sample, pair, player)``.
        gaps: Its worth less that of its complement, ``(sample, pair, value)``.
        gain: Worth of all less that of nobody, ``(sample, value)``.
        plan: How pairs were drawn, in their order.

    Returns:
        Each ``(sample, player, value)``.
    """
    players = joined.shape[2]
    even = np.repeat(gain[:, None] / players, players, axis=1)
    if not plan:
        return even, np.zeros_like(even)
    weight = np.concatenate([np.full(s.drawn, s.weight) for s in plan])
    size = np.concatenate([np.full(s.drawn, s.size) for s in plan])
    x = joined - (size / players)[:, None]
    rest = gaps - gain[:, None] * ((2 * size - players) / players)[:, None]
    pull = np.matmul(x.swapaxes(1, 2) * weight, x) * 2
    filling = np.trace(pull, axis1=1, axis2=2)[:, None, None] / players**2
    inverse = np.linalg.inv(pull + filling)  # the vector of ones, which it takes to none, is filled
    own = inverse @ np.matmul(x.swapaxes(1, 2) * weight, rest)
    slope = np.matmul(x, inverse)
    leverage = np.minimum(2 * weight * (slope * x).sum(axis=2), MOST_LEVERAGE)
    off = (rest - 2 * np.matmul(x, own)) / (1 - leverage)[..., None]
    return even + own, _errors(slope * weight[:, None], off, plan)


def _errors(slope: Floats, off: Floats, plan: tuple[Stratum, ...]) -> Floats:
    """Standard errors, ``(sample, player, value)``, NaN where unknown."""
    n, pairs, players = slope.shape
    spread = np.zeros((n, players, off.shape[2]))
    start = 0
    for s in plan:
        at = slice(start, start + s.drawn)
        start += s.drawn
        if s.unseen > 0 and s.drawn > 1:
            score = slope[:, at, :, None] * off[:, at, None, :]
            score = score - score.mean(axis=1, keepdims=True)
            spread += s.unseen * s.drawn / (s.drawn - 1) * (score * score).sum(axis=1)
    degrees = max(pairs - players + 1, 1)
    mean = spread.mean(axis=1, keepdims=True)
    pooled = (degrees * spread + BORROWED * mean) / (degrees + BORROWED)
    wider = float(stdtrit(degrees + WORTH * BORROWED, 1 - TAIL)) / NORMAL
    error = wider * np.sqrt(pooled)
    unseen = any(s.unseen > 0 for s in plan)
    return np.where(unseen & (error < ROUNDING), np.nan, error)
