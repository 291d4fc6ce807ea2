"""Exact Shapley values of modalities, for many samples at once.

The contribution of a modality is its mean marginal contribution over all orders in which the
modalities could arrive. Differences are taken before they are weighted, so a modality that never
changes a value contributes exactly 0, and a sample's numbers do not depend on the others.

References:
    Shapley 1953, "A value for n-person games", doi:10.1515/9781400881970-018
"""

from math import factorial

import numpy as np
from numba import njit
from numpy.typing import NDArray

from mmaudit.measures.coalitions import players

BLOCK = 128  # samples at once: a table of 10 modalities then stays in the second-level cache


def shapley(game: NDArray[np.floating]) -> NDArray[np.float64]:
    """Shapley values of every sample.

    Args:
        game: Worth of each coalition, ``(coalition, sample)``, numbered as in `coalitions`.

    Returns:
        ``(sample, modality)``; each row sums to the worth of all minus the worth of nobody.
    """
    count = players(game)
    return _shapley(np.ascontiguousarray(game, np.float64), arrival_weights(count)).T


def arrival_weights(modalities: int) -> NDArray[np.float64]:
    """Share of orders in which exactly ``k`` given others arrive first, ``(k,)``."""
    m = modalities
    return np.array([factorial(k) * factorial(m - 1 - k) / factorial(m) for k in range(m)])


@njit(cache=True, nogil=True)
def _shapley(game: NDArray[np.float64], weights: NDArray[np.float64]) -> NDArray[np.float64]:
    out = np.zeros((weights.size, game.shape[1]))
    for start in range(0, game.shape[1], BLOCK):
        stop = min(start + BLOCK, game.shape[1])
        for m in range(weights.size):
            for without in range(game.shape[0]):
                if without >> m & 1:
                    continue
                size = 0
                for k in range(weights.size):
                    size += without >> k & 1
                weight = weights[size]
                joined = without | 1 << m
                for i in range(start, stop):
                    out[m, i] += weight * (game[joined, i] - game[without, i])
    return out
