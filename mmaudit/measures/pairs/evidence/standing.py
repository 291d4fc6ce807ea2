"""Standing: how far a pair is above re-pairings of its own two sides with items of its kind.

Some topics an encoder knows so well that any two of its items score high; among all re-pairings
within topics these are the highest, and hide the matched pairs of every other topic. Beside the
other re-pairings of its own left and of its own right value a pair is compared with its like. A
mismatch within the class or topic is one more such re-pairing, and stands where these do.
"""

import numpy as np

from mmaudit.arrays import Floats, Ints
from mmaudit.measures.pairs.shuffles import Pairing

FEWEST = 2  # other re-pairings of each side
PRIOR = 4.0  # re-pairings that the variance of all of them is worth
TINY = 1e-12


def standings(observed: Floats, pairs: Pairing, score: Floats) -> tuple[Floats, Floats]:
    """How far observed and shuffled pairs are above others of their sides, in standard deviations.

    Args:
        observed: Score of each observed pair, ``(n,)``.
        pairs: Shuffled pairs, several of each row and each of them once.
        score: Score of each of them, ``(m,)``.

    Returns:
        The mean over both sides, ``(n,)`` and ``(m,)``. What has too few others stands as the
        lowest of all does.
    """
    middle, spread = float(score.mean()), float(score.var())
    own = np.arange(len(observed))
    standing = np.zeros(len(observed)), np.zeros(len(score))
    for rows in (pairs.left, pairs.right):
        sums = _sums(rows, score - middle, len(observed))
        standing[0][:] += _above(observed - middle, sums[:, own], spread)
        itself = np.stack([np.ones(len(score)), score - middle, (score - middle) ** 2])
        standing[1][:] += _above(score - middle, sums[:, rows] - itself, spread)
    lowest = min(float(np.nanmin(one, initial=0.0)) for one in standing)
    of_observed, of_shuffled = (np.nan_to_num(one, nan=lowest) / 2.0 for one in standing)
    return of_observed, of_shuffled


def _sums(rows: Ints, values: Floats, n: int) -> Floats:
    """Count, sum and sum of squares of the shuffled pairs of each row, ``(3, n)``."""
    return np.stack([np.bincount(rows, values**power, n) for power in range(3)])


def _above(values: Floats, others: Floats, spread: float) -> Floats:
    """Values above the mean of some others, in their standard deviations; NaN of too few."""
    count, first, second = others
    mean = first / np.maximum(count, 1.0)
    variance = np.maximum(second / np.maximum(count, 1.0) - mean**2, 0.0)
    scale = np.sqrt((count * variance + PRIOR * spread) / (count + PRIOR) + TINY)
    return np.where(count >= FEWEST, (values - mean) / scale, np.nan)
