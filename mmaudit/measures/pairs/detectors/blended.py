"""The classifier of observed against shuffled pairs, beside an average of the columns.

Where most pairs are mismatched the classifier has little to learn from, and an average of the
columns that only learns how much each is worth ranks better. Which of the two tells observed pairs
from shuffled ones more often is seen without any label, and orders scores as the truth would:
mismatches take the same share from both.
"""

import numpy as np
from scipy.stats import norm

from mmaudit.arrays import Floats, Reals, Vectors
from mmaudit.measures.pairs.detection import above
from mmaudit.measures.pairs.detectors.combined import Columns, Score, combine, cross_fitted

KNOTS = 512  # quantiles of the shuffled pairs that positions are read from


def blend(observed: Columns, null: Columns, *others: Columns) -> tuple[Floats, ...]:
    """Score pairs by the classifier, or by it and the average where that tells no less apart.

    Args:
        observed: The pairs.
        null: Shuffled pairs.
        others: Further pairs to score in the same way.

    Returns:
        Scores, one array for each argument; higher is a better match.
    """
    learnt = combine(observed, null, *others)
    plain = average(observed, null, *others)
    if above(learnt[0], learnt[1]) > above(plain[0], plain[1]):
        return learnt
    positions = [[normal_position(one, scores[1]) for one in scores] for scores in (learnt, plain)]
    return tuple((a + b) / 2.0 for a, b in zip(*positions, strict=True))


def average(observed: Columns, null: Columns, *others: Columns) -> tuple[Floats, ...]:
    """Normal positions of all columns, by how well each tells observed pairs on other folds.

    A column weighs the square of what its AUROC is above one half; one no better than chance weighs
    nothing.
    """
    return cross_fitted(_weighted, observed, null, *others)


def _weighted(observed: Vectors, null: Vectors) -> Score:
    """The average whose weights are those that these pairs give the columns."""
    worth = np.array([max(above(a, b) - 0.5, 0.0) for a, b in zip(observed.T, null.T, strict=True)])
    weights = worth**2 / max((worth**2).sum(), 1e-12)

    def score(values: Vectors) -> Floats:
        total = np.zeros(len(values))
        for k in np.flatnonzero(weights):
            total += weights[k] * normal_position(values[:, k], null[:, k])
        return total

    return score


def normal_position(values: Reals, null: Reals) -> Floats:
    """Where values stand among shuffled ones, as those of a standard normal distribution.

    Never falls, and goes on beyond the ends in their standard deviations.

    Example:
        >>> normal_position(np.array([2.0]), np.array([0.0, 1.0, 2.0, 3.0, 4.0])).round(6)
        array([0.])
    """
    count = min(KNOTS, len(null))
    share = (np.arange(count) + 0.5) / count
    knots = np.quantile(null, share)
    spread = max(float(np.std(null)), 1e-12)
    inside = np.interp(values, knots, norm.ppf(share))
    beyond = np.minimum(values - knots[0], 0.0) + np.maximum(values - knots[-1], 0.0)
    return np.asarray(inside + beyond / spread, np.float64)
