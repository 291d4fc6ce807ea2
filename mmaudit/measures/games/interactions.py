"""Pairwise interactions of modalities: what two bring together beyond what each brings.

Positive: they need each other (synergy). Negative: one can stand in for the other (redundancy).

References:
    Grabisch and Roubens 1999, doi:10.1007/s001820050125 (Shapley interaction index)
    Sundararajan, Dhamdhere, Agarwal 2020, "The Shapley Taylor interaction index", arXiv:1902.05622
"""

from dataclasses import dataclass
from functools import cache
from math import comb, factorial

import numpy as np
from numpy.typing import NDArray

from mmaudit.arrays import Floats
from mmaudit.kernels import kernel
from mmaudit.measures.games.coalitions import players
from mmaudit.measures.games.shapley import BLOCK, arrival_weights, gained, sizes_of
from mmaudit.rows import Metric

METRICS = {
    "interaction": Metric("mean Shapley interaction: above 0 they need each other"),
    "taylor": Metric("mean Shapley-Taylor interaction: above 0 they need each other"),
    "together_share": Metric("part of the gain of all beyond the sum of single gains"),
}


@dataclass(frozen=True, slots=True)
class Solved:
    """What follows from the games of some samples.

    Attributes:
        phi: Shapley values, ``(sample, modality)``.
        interaction: Shapley interaction index of every pair, ``(sample, pair)``.
        taylor: Shapley-Taylor index of order 2 of every pair, ``(sample, pair)``.
    """

    phi: NDArray[np.float64]
    interaction: Floats
    taylor: Floats


def solved(game: NDArray[np.floating]) -> Solved:
    """Shapley values and both interactions of every sample, in one pass.

    An interaction of two is what the second adds to the gain from the first, so the gains that
    Shapley values are made of serve again.

    Args:
        game: Worth of each coalition, ``(coalition, sample)``.

    Example:
        >>> game = np.array([[0.0], [0.3], [0.5], [1.0]])  # nobody, first, second, both
        >>> solved(game).interaction.round(3)
        array([[0.2]])
    """
    m = players(game)
    phi, indices = _solved(np.ascontiguousarray(game, np.float64), *_weights(m))
    return Solved(phi.T, indices[0].T, indices[1].T)


@cache
def _weights(m: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Weights of gains ``(k,)``, and of pairs for both indices ``(2, k)``."""
    interaction = [factorial(k) * factorial(m - 2 - k) / factorial(m - 1) for k in range(m - 1)]
    taylor = [2 / (m * comb(m - 1, k)) for k in range(m - 1)]
    return arrival_weights(m), np.array([interaction, taylor])


@kernel
def _solved(
    game: NDArray[np.float64], weights: NDArray[np.float64], of_pairs: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Shapley values ``(modality, sample)`` and both indices ``(index, pair, sample)``.

    Args:
        game: The game.
        weights: Weight of a modality's gain when ``k`` others are there, ``(k,)``.
        of_pairs: For each index, the weight of a second difference likewise, ``(index, k)``.
    """
    count, n = weights.size, game.shape[1]
    phi, indices = np.zeros((count, n)), np.zeros((2, count * (count - 1) // 2, n))
    sizes = sizes_of(game.shape[0] // 2)
    gains = np.empty((sizes.size, BLOCK))
    for start in range(0, n, BLOCK):
        stop = min(start + BLOCK, n)
        pair = 0
        for a in range(count):
            gained(game, start, a, weights, sizes, gains, phi[a, start:stop])
            for b in range(a, count - 1):  # who comes after `a`, numbered as if it were not there
                first, second = indices[0, pair, start:stop], indices[1, pair, start:stop]
                for others in range(sizes.size):
                    if others >> b & 1:
                        continue
                    u, v = of_pairs[0, sizes[others]], of_pairs[1, sizes[others]]
                    on, off = gains[others | 1 << b], gains[others]
                    for i in range(first.size):
                        apart = on[i] - off[i]
                        first[i] += u * apart
                        second[i] += v * apart
                pair += 1
    return phi, indices
