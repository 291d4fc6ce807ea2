"""How far filled-in samples lie from the data, against how far real samples lie from each other.

References:
    Frye et al. 2021, "Shapley explainability on the data manifold", arXiv:2006.01272 (why what
    stands in for an absent value should be like the data); measured here by nearest neighbours
"""

import numpy as np
from numpy.typing import NDArray

from mmaudit.measures.intervals.bootstrap import REPLICATES, replicated_mean
from mmaudit.measures.intervals.replicates import Replicates
from mmaudit.rows import Metric

METRICS = {
    "off_data": Metric(
        "distance from the data once filled in: 1 is like the data",
        "",
        "lower",
        low=0.0,
        unsure="distances to the same neighbours vary together",
    ),
}

BLOCK = 256  # rows whose distances are held at once
ROUNDING = 1e-13  # of the squared lengths of two rows: closer ones are the same


def off_data(
    real: NDArray[np.floating],
    filled: NDArray[np.floating],
    keys: NDArray[np.uint64],
    replicates: int = REPLICATES,
) -> Replicates:
    """Mean distance of filled rows to the nearest other real row, over that of real rows.

    1 is as near to the data as the data is to itself; where real rows coincide it is not defined.

    Args:
        real: Features of real samples, ``(n, d)``, finite, at least two.
        filled: The same samples with something filled in, ``(n, d)``.
        keys: Bootstrap key of each sample's unit, ``(n,)``.
        replicates: How many draws.
    """
    base = replicated_mean(_nearest(real, real), keys, replicates)
    return replicated_mean(_nearest(filled, real), keys, replicates) / base


def _nearest(rows: NDArray[np.floating], others: NDArray[np.floating]) -> NDArray[np.float64]:
    """Distance of each row to the nearest of the others but the one at its own position."""
    wide, real = np.asarray(rows, np.float64), np.asarray(others, np.float64)
    squares = (real * real).sum(axis=1)
    out = np.empty(len(wide))
    for start in range(0, len(wide), BLOCK):
        block = wide[start : start + BLOCK]
        both = (block * block).sum(axis=1)[:, None] + squares
        apart = both - 2 * block @ real.T
        apart[apart <= ROUNDING * both] = 0.0
        own = np.arange(len(block))
        apart[own, start + own] = np.inf
        out[start : start + BLOCK] = np.sqrt(np.maximum(apart.min(axis=1), 0.0))
    return out
