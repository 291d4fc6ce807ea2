"""Pairwise interactions of modalities: what two bring together beyond what each brings.

Positive: they need each other (synergy). Negative: one can stand in for the other (redundancy).

References:
    Grabisch and Roubens 1999, doi:10.1007/s001820050125 (Shapley interaction index)
    Sundararajan, Dhamdhere, Agarwal 2020, "The Shapley Taylor interaction index", arXiv:1902.05622
    Rota 1964, doi:10.1007/BF00531932 (Möbius transform)
"""

from math import comb, factorial

import numpy as np
from numba import njit
from numpy.typing import NDArray

from mmaudit.measures.coalitions import pairs, players

BLOCK = 128  # samples at once: a table of 10 modalities then stays in the second-level cache


def shapley_interaction(game: NDArray[np.floating]) -> NDArray[np.float64]:
    """Shapley interaction index of every pair, ``(sample, pair)``, pairs as in `coalitions.pairs`.

    Args:
        game: Worth of each coalition, ``(coalition, sample)``.
    """
    return _weighted(game, _shapley_weights(players(game))[None])[0]


def shapley_taylor(game: NDArray[np.floating]) -> NDArray[np.float64]:
    """Shapley-Taylor index of order 2 of every pair, ``(sample, pair)``.

    With the single gains ``v({m}) - v(nobody)`` they add up to the worth of all minus nobody.

    Args:
        game: Worth of each coalition, ``(coalition, sample)``.
    """
    return _weighted(game, _taylor_weights(players(game))[None])[0]


def both_interactions(
    game: NDArray[np.floating],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """`shapley_interaction` and `shapley_taylor` in one pass over the game."""
    m = players(game)
    told = _weighted(game, np.stack([_shapley_weights(m), _taylor_weights(m)]))
    return told[0], told[1]


def _shapley_weights(m: int) -> NDArray[np.float64]:
    return np.array([factorial(k) * factorial(m - 2 - k) / factorial(m - 1) for k in range(m - 1)])


def _taylor_weights(m: int) -> NDArray[np.float64]:
    return np.array([2 / (m * comb(m - 1, k)) for k in range(m - 1)])


def mobius(game: NDArray[np.floating]) -> NDArray[np.float64]:
    """What each coalition adds beyond all its parts, ``(coalition, sample)``."""
    out = np.array(game, np.float64)
    for m in range(players(game)):
        split = out.reshape(-1, 2, 1 << m, out.shape[1])  # the middle axis is bit m
        split[:, 1] -= split[:, 0]
    return out


def _weighted(game: NDArray[np.floating], weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """Second differences of every pair, weighted by how many others are there.

    Args:
        game: The game.
        weights: For each index, the weight of a set of ``k`` others, ``(index, k)``.

    Returns:
        ``(index, sample, pair)``.
    """
    m = players(game)
    listed = np.array(pairs(m), np.int64).reshape(-1, 2)
    told = np.zeros((len(weights), len(listed), game.shape[1]))
    if m > 1:
        _interactions(np.ascontiguousarray(game, np.float64), listed, weights, told)
    return told.transpose(0, 2, 1)


@njit(cache=True, nogil=True)
def _interactions(
    game: NDArray[np.float64],
    listed: NDArray[np.int64],
    weights: NDArray[np.float64],
    out: NDArray[np.float64],
) -> None:
    apart = np.empty(BLOCK)
    for start in range(0, game.shape[1], BLOCK):
        stop = min(start + BLOCK, game.shape[1])
        for p in range(listed.shape[0]):
            a, b = 1 << listed[p, 0], 1 << listed[p, 1]
            for others in range(game.shape[0]):
                if others & (a | b):
                    continue
                size = 0
                for k in range(weights.shape[1] + 1):
                    size += others >> k & 1
                for i in range(start, stop):
                    with_b = game[others | a | b, i] - game[others | b, i]
                    without_b = game[others | a, i] - game[others, i]
                    apart[i - start] = with_b - without_b
                for index in range(weights.shape[0]):
                    weight = weights[index, size]
                    for i in range(start, stop):
                        out[index, p, i] += weight * apart[i - start]
