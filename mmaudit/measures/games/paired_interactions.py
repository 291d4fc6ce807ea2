"""Shapley interactions of pairs from some coalitions and their complements.

What a coalition and its complement lack of all together, ``v(all) + v(none) - v(S) - v(rest)``, is
the sum of the interactions of the pairs that they part, where no three modalities need each other.
Least squares with a kernel give the Shapley interaction index of any game from all coalitions, and
estimate it from some. Each modality alone and all others are asked of every sample: the
interactions of one modality add up to what these two lack, which is kept to.

References:
    Fumagalli, Muschalik, Kolpaczki, Huellermeier, Hammer 2024, "KernelSHAP-IQ: weighted
    least-square optimization for Shapley interactions", arXiv:2405.10852
    Grabisch and Roubens 1999, doi:10.1007/s001820050125 (the index)
"""

import math

import numpy as np

from mmaudit.arrays import Bools, Floats
from mmaudit.measures.games.paired_error import MOST_LEVERAGE, errors
from mmaudit.measures.games.strata import Stratum, strata
from mmaudit.rows import Metric

METRICS = {
    "interaction_error": Metric(
        "Monte-Carlo standard error of a sample's Shapley interaction",
        "",
        "lower",
        low=0.0,
        unsure="its interval was not simulated",
    ),
}
SPARE = 1.25  # pairs of coalitions for each number that is fitted, at least
ARRAYS = 8  # as large as the equations that are held while they are solved


def solvable(players: int, count: int) -> bool:
    """Whether so many pairs of coalitions, beside each modality alone, give all interactions."""
    return count >= needed(players) or not any(s.unseen for s in strata(players, count))


def needed(players: int) -> int:
    """So many pairs of coalitions beside each modality alone give all interactions; fewer may."""
    return math.ceil(SPARE * _free(players)) + players


def _free(players: int) -> int:
    """How many interactions are fitted: those that each modality alone does not fix."""
    return players * (players - 3) // 2


def solved(joined: Bools, lacks: Floats, plan: tuple[Stratum, ...]) -> tuple[Floats, Floats]:
    """Interactions and their standard errors.

    Args:
        joined: The smaller coalition of each pair, ``(sample, pair, player)``, singles first.
        lacks: Worth of all and of nobody less those of the two, ``(sample, pair, value)``.
        plan: How pairs were drawn, in their order.

    Returns:
        Each ``(sample, pair of players, value)``; an error is NaN where coalitions are missing and
        those that were drawn do not differ from what the interactions say.
    """
    players, singles = joined.shape[2], plan[0].drawn
    if players == 2:  # of one pair nothing is left to be fitted
        return lacks[:, :1], np.zeros_like(lacks[:, :1])
    fixed = _even(lacks[:, :singles].swapaxes(1, 2)).swapaxes(1, 2)
    some, drawn = plan[1:], joined[:, singles:]
    if not drawn.shape[1]:
        return fixed, np.zeros_like(fixed)
    first, second = np.triu_indices(players, 1)
    parted = (drawn[..., first] != drawn[..., second]).astype(np.float64)
    size = drawn.sum(axis=2, keepdims=True)
    x = parted - _even(np.where(drawn, players - size, size))
    rest = lacks[:, singles:] - np.matmul(parted, fixed)
    weight = np.concatenate([np.full(s.drawn, _weight(s)) for s in some])
    pull = np.matmul(x.swapaxes(1, 2) * weight, x)
    inverse = np.linalg.inv(pull + _fixed(players) * pull.trace(axis1=1, axis2=2)[:, None, None])
    own = inverse @ np.matmul(x.swapaxes(1, 2) * weight, rest)
    slope = np.matmul(x, inverse)
    leverage = np.minimum(weight * (slope * x).sum(axis=2), MOST_LEVERAGE)
    off = (rest - np.matmul(x, own)) / (1 - leverage)[..., None]
    degrees = max(drawn.shape[1] - _free(players), 1)
    return fixed + own, errors(slope * weight[:, None], off, some, degrees)


def _weight(stratum: Stratum) -> float:
    """Of each coalition that is drawn, in the kernel of order 2."""
    smaller, larger = stratum.size - 1, stratum.players - stratum.size - 1
    return stratum.weight / (smaller * larger)


def _even(sums: Floats) -> Floats:
    """The least pairs ``(…, pair)`` whose sums over the partners of each player are given.

    Args:
        sums: Of each player, ``(…, player)``.
    """
    players = sums.shape[-1]
    own = sums - sums.sum(axis=-1, keepdims=True) / (2 * (players - 1))
    first, second = np.triu_indices(players, 1)
    return np.asarray((own[..., first] + own[..., second]) / (players - 2))


def _fixed(players: int) -> Floats:
    """The projection on what the sums over partners fix, ``(pair, pair)``, of trace 1."""
    pairs = np.transpose(np.triu_indices(players, 1))
    partners = (pairs[:, :, None] == np.arange(players)).any(axis=1)
    return _even(partners.astype(np.float64)) / players
