"""The classifier of observed against shuffled pairs, beside an average of the columns.

Where most pairs are mismatched the classifier has little to learn from, and an average of the
columns that only learns how much each is worth ranks better. Which of the two tells observed pairs
from shuffled ones more often is seen without any label, and orders scores as the truth would:
mismatches take the same share from both.
"""

from collections.abc import Callable

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
    where = [(normal_positions(scores[1]), scores) for scores in (learnt, plain)]
    positions = [[position(one) for one in scores] for position, scores in where]
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
    positions = {int(k): normal_positions(null[:, k]) for k in np.flatnonzero(weights)}

    def score(values: Vectors) -> Floats:
        total = np.zeros(len(values))
        for k, position in positions.items():
            total += weights[k] * position(values[:, k])
        return total

    return score


def normal_position(values: Reals, null: Reals) -> Floats:
    """Where values stand among shuffled ones, as those of a standard normal distribution.

    Never falls, and goes on beyond the ends in their standard deviations.

    Example:
        >>> normal_position(np.array([2.0]), np.array([0.0, 1.0, 2.0, 3.0, 4.0])).round(6)
        array([0.])
    """
    return normal_positions(null)(values)


def normal_positions(null: Reals) -> Callable[[Reals], Floats]:
    """The same for several sets of values: the shuffled ones are sorted once."""
    count = min(KNOTS, len(null))
    share = (np.arange(count) + 0.5) / count
    knots, normal = np.quantile(null, share), norm.ppf(share)
    spread = max(float(np.std(null)), 1e-12)

    def position(values: Reals) -> Floats:
        inside = np.interp(values, knots, normal)
        beyond = np.minimum(values - knots[0], 0.0) + np.maximum(values - knots[-1], 0.0)
        return np.asarray(inside + beyond / spread, np.float64)

    return position
