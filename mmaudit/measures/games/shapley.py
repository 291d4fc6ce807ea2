"""Exact Shapley values of modalities, for many samples at once.

The contribution of a modality is its mean marginal contribution over all orders in which the
modalities could arrive. Differences are taken before they are weighted, so a modality that never
changes a value contributes exactly 0, and a sample's numbers do not depend on the others.

References:
    Shapley 1953, "A value for n-person games", doi:10.1515/9781400881970-018
"""

from math import factorial

import numpy as np
from numpy.typing import NDArray

from mmaudit.kernels import kernel
from mmaudit.measures.games.coalitions import players
from mmaudit.rows import Metric

METRICS = {
    "v_none": Metric("mean worth of the answers with no modality"),
    "v_all": Metric("mean worth of the answers with every modality", "", "higher"),
    "phi": Metric("mean Shapley value: what the modality brings to the worth of an answer"),
    "phi_abs": Metric("mean size of the Shapley value, whatever its sign", low=0.0),
    "top_rate": Metric(
        "share of samples in which the modality contributes most", "1", low=0.0, high=1.0
    ),
}

BLOCK = 64  # samples at once: a table of 10 modalities then stays in the second-level cache


def shapley(game: NDArray[np.floating]) -> NDArray[np.float64]:
    """Shapley values of every sample.

    Args:
        game: Worth of each coalition, ``(coalition, sample)``, numbered as in `coalitions`.

    Returns:
        ``(sample, modality)``; each row sums to the worth of all minus the worth of nobody.

    Example:
        >>> game = np.array([[0.0], [0.3], [0.5], [1.0]])  # nobody, first, second, both
        >>> shapley(game)
        array([[0.4, 0.6]])
    """
    count = players(game)
    return _shapley(np.ascontiguousarray(game, np.float64), arrival_weights(count)).T


def arrival_weights(modalities: int) -> NDArray[np.float64]:
    """Share of orders in which exactly ``k`` given others arrive first, ``(k,)``."""
    m = modalities
    return np.array([factorial(k) * factorial(m - 1 - k) / factorial(m) for k in range(m)])


@kernel
def _shapley(game: NDArray[np.float64], weights: NDArray[np.float64]) -> NDArray[np.float64]:
    out = np.zeros((weights.size, game.shape[1]))
    sizes = sizes_of(game.shape[0] // 2)
    gains = np.empty((sizes.size, BLOCK))
    for start in range(0, game.shape[1], BLOCK):
        for m in range(weights.size):
            gained(game, start, m, weights, sizes, gains, out[m, start : start + BLOCK])
    return out


@kernel
def sizes_of(coalitions: int) -> NDArray[np.int64]:
    """How many are in each coalition, ``(coalition,)``."""
    sizes = np.zeros(coalitions, np.int64)
    for number in range(1, coalitions):
        sizes[number] = sizes[number >> 1] + (number & 1)
    return sizes


@kernel
def gained(
    game: NDArray[np.float64],
    start: int,
    m: int,
    weights: NDArray[np.float64],
    sizes: NDArray[np.int64],
    gains: NDArray[np.float64],
    total: NDArray[np.float64],
) -> None:
    """What one modality adds to each coalition of the others, and the weighted sum of that.

    Args:
        game: Worth of each coalition, ``(coalition, sample)``.
        start: First sample of the block.
        m: The modality.
        weights: Weight of a coalition of ``k`` others, ``(k,)``.
        sizes: Size of each coalition of the others, who are numbered as if ``m`` were not there.
        gains: Filled with ``(coalition of the others, sample)``.
        total: The weighted sum is added to it, ``(sample,)``, as many as the block has.
    """
    low, stop = (1 << m) - 1, start + total.size
    for others in range(sizes.size):
        without = others & low | (others & ~low) << 1
        weight = weights[sizes[others]]
        # arrays of their own: a loop over them takes several samples at once
        on, off = game[without | 1 << m, start:stop], game[without, start:stop]
        gain = gains[others]
        for i in range(total.size):
            gain[i] = on[i] - off[i]
            total[i] += weight * gain[i]
