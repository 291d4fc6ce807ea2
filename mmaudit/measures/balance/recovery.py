"""Recovery: how much of one modality follows from the others.

A ridge regression of the main axes of its features on those of the others, whose answers are for
samples that it did not see. What it is worth is held against the same samples re-paired: where the
others say nothing, every re-pairing is as likely as the pairs that are there.

References:
    Hoerl and Kennard 1970, doi:10.1080/00401706.1970.10488634 (ridge regression)
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtri

from mmaudit.arrays import Floats, Ints
from mmaudit.measures.balance.axes import axes
from mmaudit.rows import Estimate, Metric

METRICS = {
    "recovered": Metric(
        "share of the variance of a modality's features that the others tell, held out",
        "1",
        "neither",
        high=1.0,
        unsure="it is of rules that were fitted to the same samples",
    ),
    "recovered_p_value": Metric(
        "chance of as much if pairs were shuffled, of 199 shuffles: .005 or more",
        "1",
        low=0.0,
        high=1.0,
        exact=True,
    ),
    "effective_rank": Metric("directions in which features vary", low=0.0, exact=True),
}
ROWS = 8  # a main axis of what is known, at least
FOLDS = 5
RIDGE = 0.1  # of the mean variance of what is known, a row
KNOWN, WANTED = 64, 16  # main axes of each modality that is known, and of the one that is wanted
PERMUTATIONS = 199
FEWEST = 100


@dataclass(frozen=True, slots=True)
class Recovery:
    """What others tell of a modality.

    Attributes:
        share: Of the variance of its main axes, with a 95 % interval; below 0 where the answers
            are farther off than the mean.
        p_value: Share of re-pairings of which as much is told, the pairs counted once.
    """

    share: Estimate
    p_value: float


def recovery(others: Sequence[Floats], wanted: Floats, rng: np.random.Generator) -> Recovery | None:
    """How much of the features of a modality others tell; None of fewer than 100 rows.

    Args:
        others: Features of the others, each ``(n, d)``, finite.
        wanted: Its features, ``(n, e)``.
        rng: Draws folds and re-pairings.
    """
    n = len(wanted)
    if n < FEWEST or not others:
        return None
    x = np.concatenate([_level(axes(rows, min(KNOWN, n // ROWS))) for rows in others], axis=1)
    y = axes(wanted, WANTED)
    folds = np.array_split(rng.permutation(n), FOLDS)
    fits = [_fit(x, np.delete(np.arange(n), test), test) for test in folds]
    errors, spread = _errors(fits, y)
    observed = _share(errors, spread)
    draws = [_share(*_errors(fits, y[rng.permutation(n)])) for _ in range(PERMUTATIONS)]
    above = sum(draw >= observed for draw in draws)
    return Recovery(_with_ends(errors, spread), (1 + above) / (1 + PERMUTATIONS))


def _level(rows: Floats) -> Floats:
    """Rows whose mean square is 1, so that each modality counts alike."""
    scale = math.sqrt(float((rows**2).mean())) if rows.size else 0.0
    return rows / scale if scale > 0 else rows


def _fit(x: Floats, train: Ints, test: Ints) -> tuple[Ints, Ints, Floats]:
    """Rows to learn from, rows to answer for, and what takes the former's to the latter's."""
    middle = x[train].mean(axis=0)
    near, far = x[train] - middle, x[test] - middle
    gram = near.T @ near
    penalty = RIDGE * len(train) * max(float(near.var(axis=0).mean()) if near.size else 0.0, 1e-12)
    return train, test, far @ np.linalg.solve(gram + penalty * np.eye(len(gram)), near.T)


def _errors(fits: Sequence[tuple[Ints, Ints, Floats]], y: Floats) -> tuple[Floats, Floats]:
    """Squared errors of each row, ``(n,)``, and those of the mean of what was learnt from."""
    errors, spread = np.empty(len(y)), np.empty(len(y))
    for train, test, hat in fits:
        mean = y[train].mean(axis=0)
        apart = y[test] - mean
        errors[test] = ((apart - hat @ (y[train] - mean)) ** 2).sum(axis=1)
        spread[test] = (apart**2).sum(axis=1)
    return errors, spread


def _share(errors: Floats, spread: Floats) -> float:
    total = float(spread.sum())
    return 1 - float(errors.sum()) / total if total > 0 else 0.0


def _with_ends(errors: Floats, spread: Floats) -> Estimate:
    """The share told, with the normal interval of a ratio of means."""
    n, value = len(errors), _share(errors, spread)
    influence = errors - (1 - value) * spread
    mean = float(spread.mean())
    half = float(ndtri(0.975)) * float(influence.std()) / math.sqrt(n) / mean if mean > 0 else 0.0
    return Estimate(value, value - half, min(value + half, 1.0), n)
