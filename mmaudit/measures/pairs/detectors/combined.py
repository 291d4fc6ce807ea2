"""The best use of all columns without any label: observed pairs against shuffled ones (default).

A classifier that tells observed pairs from shuffled ones orders them by ``f / f0``, and so by
``f1 / f0``: the optimal test of a match, whatever the share of mismatches is. It is fitted on the
other folds. It is a logistic regression on bends of each column with weights that are not
negative, so the score may only rise in every column and does not tie.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize

from mmaudit.arrays import Floats, Ints, Vectors

BENDS = (-1.0, 1.0, 2.5, 4.0)  # in standard deviations of the shuffled pairs
SHARPNESS = 2.0
RIDGE = 1e-3
MOST_STEPS = 200


@dataclass(frozen=True, slots=True)
class Columns:
    """Columns of pairs, and the fold of each pair.

    Attributes:
        values: ``(pair, column)``, each rising with a better match.
        fold: ``(pair,)``.
    """

    values: Vectors
    fold: Ints


@dataclass(frozen=True, slots=True)
class Classifier:
    """A fitted classifier of observed against shuffled pairs.

    Attributes:
        mean: Of each column over shuffled pairs, ``(column,)``.
        sd: Its standard deviation.
        centre: Mean of each bend over the training pairs, ``(bend * column,)``.
        scale: Its standard deviation.
        weights: Intercept, then one weight a bend that is not negative, ``(1 + bend * column,)``.
    """

    mean: Floats
    sd: Floats
    centre: Floats
    scale: Floats
    weights: Floats

    def __call__(self, values: Vectors) -> Floats:
        """Log odds of being an observed pair, ``(pair,)``; never falls in any column."""
        bent = (_bent((values - self.mean) / self.sd) - self.centre) / self.scale
        return bent @ self.weights[1:] + self.weights[0]


Score = Callable[[Vectors], Floats]  # (pair, column) -> (pair,)


def cross_fitted(fit: Callable[[Vectors, Vectors], Score], *tables: Columns) -> tuple[Floats, ...]:
    """Score the pairs of each fold by what was fitted on all other folds.

    Args:
        fit: Makes a score of observed pairs ``(n, column)`` and shuffled ones ``(m, column)``.
        tables: The observed pairs, the shuffled ones, and further pairs to score alike.

    Returns:
        Scores, one array for each table.
    """
    observed, null = tables[:2]
    out = tuple(np.zeros(len(columns.fold)) for columns in tables)
    for fold in np.unique(observed.fold):
        score = fit(observed.values[observed.fold != fold], null.values[null.fold != fold])
        for columns, scores in zip(tables, out, strict=True):
            here = columns.fold == fold
            scores[here] = score(columns.values[here])
    return out


def combine(observed: Columns, null: Columns, *others: Columns) -> tuple[Floats, ...]:
    """Score pairs by classifiers of observed against shuffled pairs of the other folds.

    Args:
        observed: The pairs.
        null: Shuffled pairs.
        others: Further pairs to score with the same classifiers.

    Returns:
        Log odds of being an observed pair, one array for each argument.
    """
    return cross_fitted(fit, observed, null, *others)


def fit(observed: Vectors, null: Vectors) -> Classifier:
    """Fit on observed pairs ``(n, column)`` and shuffled pairs ``(m, column)``, weighted alike."""
    mean, sd = null.mean(0, dtype=np.float64), null.std(0, dtype=np.float64) + 1e-9
    bent = _bent((np.concatenate([observed, null]) - mean) / sd)
    centre, scale = bent.mean(0), bent.std(0) + 1e-9
    bent -= centre  # in place: there are many pairs
    bent /= scale
    sign = np.repeat([1.0, -1.0], [len(observed), len(null)])
    weight = np.repeat([0.5 / len(observed), 0.5 / len(null)], [len(observed), len(null)])

    def loss(b: Floats) -> tuple[float, Floats]:
        margin = sign * (bent @ b[1:] + b[0])
        slope = -weight * sign / (1.0 + np.exp(np.minimum(margin, 500.0)))
        value = weight @ np.logaddexp(0.0, -margin) + RIDGE * (b[1:] @ b[1:])
        return value, np.concatenate([[slope.sum()], bent.T @ slope + 2.0 * RIDGE * b[1:]])

    start = np.zeros(bent.shape[1] + 1)
    bounds = [(None, None), *[(0.0, None)] * bent.shape[1]]
    minimum = minimize(
        loss, start, jac=True, method="L-BFGS-B", bounds=bounds, options={"maxiter": MOST_STEPS}
    )
    return Classifier(mean, sd, centre, scale, minimum.x)


def _bent(x: Floats) -> Floats:
    """Rising bends of each column: softened hinges up to the right, and one to the left."""
    up = [np.logaddexp(0.0, SHARPNESS * (x - at)) / SHARPNESS for at in BENDS]
    down = -np.logaddexp(0.0, -SHARPNESS * (x - BENDS[0])) / SHARPNESS
    return np.concatenate([*up, down], axis=1)
