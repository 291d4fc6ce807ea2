"""Shapley values from some coalitions and their complements, for when there are too many.

Each modality alone, and all without it, are asked of every sample; beside them each sample has
coalitions of its own, every size as often as its share of the least squares problem asks for, each
with its complement. Least squares by the kernel of the Shapley value, under the constraint that
values add up, give the values. A coalition less its complement says nothing of pairs, and both
together nothing of single modalities: interactions come from the same answers.

References:
    Lundberg and Lee 2017, "A unified approach to interpreting model predictions", arXiv:1705.07874
    Covert and Lee 2021, "Improving KernelSHAP", arXiv:2012.01536 (pairs)
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mmaudit.arrays import Bools, Floats, Ints
from mmaudit.measures.games import paired_interactions
from mmaudit.measures.games.paired_error import MOST_LEVERAGE, errors
from mmaudit.measures.games.strata import Stratum, coalitions, strata
from mmaudit.rows import Metric

METRICS = {
    "phi_error": Metric(
        "Monte-Carlo standard error of a sample's Shapley value", "", "lower", low=0.0
    ),
    "phi_shift": Metric(
        "how much larger the mean Shapley value is than with many donors, by the jackknife",
        unsure="it is an estimate of a bias, from shares of few donors",
    ),
}
ROOM = 1 << 26  # bytes of the equations that are solved at once

Evaluate = Callable[[NDArray[np.bool_]], NDArray[np.float64]]


def passes(modalities: int, count: int) -> int:
    """Coalitions to be evaluated: all, none, each alone, all without it, ``count`` pairs."""
    return 2 + 2 * (modalities + count)


def affordable(modalities: int, budget: int) -> int:
    """How many pairs a budget of passes pays for."""
    return (budget - passes(modalities, 0)) // 2


def least(modalities: int) -> int:
    """The fewest pairs beside each alone that errors are made of: two of each size, and more."""
    return max(modalities, 2 * (modalities // 2 - 1))


@dataclass(frozen=True, slots=True)
class Estimates:
    """Estimates of every sample, each ``(sample, …, value)``; an error is NaN where unknown.

    Nothing is known of an error where coalitions are missing and those that were drawn do not
    differ from what the estimates say.

    Attributes:
        phi: Shapley values, of each modality; 0 where it is absent.
        error: Their standard errors.
        interaction: Shapley interactions, of each pair; NaN where one is absent. None where the
            coalitions do not tell them.
        interaction_error: Their standard errors; None likewise.
    """

    phi: Floats
    error: Floats
    interaction: Floats | None
    interaction_error: Floats | None


def sampled(
    evaluate: Evaluate,
    keys: NDArray[np.uint64],
    present: Bools,
    count: int,
    ends: tuple[Floats, Floats, Floats],
) -> Estimates:
    """Estimate Shapley values and interactions.

    Args:
        evaluate: From who is there ``(sample, modality)`` to what that is worth, by one or more
            value functions, ``(sample, value)``.
        keys: A random number of each sample, ``(sample,)``.
        present: Which modalities each sample has, ``(sample, modality)``: they are who plays.
        count: How many pairs are drawn.
        ends: Worth of nobody and of everybody, ``(sample, value)``, and of each alone,
            ``(sample, modality, value)``.
    """
    nobody, everybody, alone = ends
    modalities, pairwise = present.shape[1], paired_interactions.solvable(present.shape[1], count)
    groups = [*_groups(present, keys, count, pairwise=pairwise)]
    there = np.zeros((len(keys), count, modalities), bool)
    for group in groups:
        pair = np.arange(group.drawn.shape[1])
        there[group.rows[:, None, None], pair[:, None], group.at[:, None, :]] = group.drawn
    without = [evaluate(present & ~one) for one in np.eye(modalities, dtype=bool)]
    drawn = [evaluate(there[:, k]) for k in range(count)]
    rests = [evaluate(present & ~there[:, k]) for k in range(count)]
    inside, outside = np.stack([*alone.swapaxes(0, 1), *drawn], 1), np.stack([*without, *rests], 1)
    phi, error = np.zeros((2, *alone.shape))
    shape = (2, len(keys), modalities * (modalities - 1) // 2, nobody.shape[1])
    interaction = np.full(shape, np.nan) if pairwise else None
    for group in groups:
        at, places = group.rows[:, None], group.places(modalities)
        smaller, larger = inside[at, places], outside[at, places]
        whole, none = everybody[group.rows], nobody[group.rows]
        own = solved(group.joined, smaller - larger, whole - none, group.plan)
        phi[at, group.at], error[at, group.at] = own
        if interaction is not None and group.at.shape[1] > 1:
            lacks = (whole + none)[:, None] - smaller - larger
            own = paired_interactions.solved(group.joined, lacks, group.plan)
            interaction[:, at, group.pairs(modalities)] = own
    return Estimates(phi, error, *((None, None) if interaction is None else interaction))


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
        cls, present: Bools, rows: Ints, keys: NDArray[np.uint64], plan: tuple[Stratum, ...]
    ) -> "_Group":
        """The samples in some rows."""
        at = np.nonzero(present[rows])[1].reshape(rows.size, -1)
        return cls(rows, at, plan, coalitions(keys[rows], at.shape[1], plan))

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
        """Where its pairs of coalitions are, ``(n, pair)``, singles first."""
        pairs = np.arange(self.drawn.shape[1]) + modalities
        return np.concatenate(
            [self.at[:, : self.singles], np.tile(pairs, (self.rows.size, 1))], axis=1
        )

    def pairs(self, modalities: int) -> Ints:
        """Where its pairs of players are, in the order of `coalitions.pairs`, ``(n, pair)``."""
        first, second = (self.at[:, k] for k in np.triu_indices(self.at.shape[1], 1))
        return first * (2 * modalities - first - 1) // 2 + second - first - 1


def _groups(
    present: Bools, keys: NDArray[np.uint64], count: int, *, pairwise: bool
) -> Iterator[_Group]:
    """The samples by how many modalities they have, as many at once as there is room for."""
    players = present.sum(axis=1)
    for p in sorted(set(players.tolist()) - {0}):
        rows, plan = np.flatnonzero(players == p), strata(p, count)
        wide = sum(s.drawn for s in plan) * (p * (p - 1) // 2 if pairwise else p)
        size = max(1, ROOM // (8 * paired_interactions.ARRAYS * max(wide, 1)))
        for start in range(0, rows.size, size):
            yield _Group.of(present, rows[start : start + size], keys, plan)


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
    pairs, players = joined.shape[1:]
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
    degrees = max(pairs - players + 1, 1)
    return even + own, errors(slope * weight[:, None], off, plan, degrees)
