"""Absence: whether it is random, or follows from what is there, or from the label.

Absence at random given all that is seen cannot be told from absence that follows from the absent
value itself where the rest says what that value is; and where the rest says nothing of it, not from
absence completely at random. No test of the data alone can.

References:
    Little and Rubin 2019, "Statistical Analysis with Missing Data", 3rd edition
    Shah and Peters 2020, "The hardness of conditional independence testing and the generalised
    covariance measure", doi:10.1214/19-AOS1857
    Hanley and McNeil 1982, doi:10.1148/radiology.143.1.7063747
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy import stats

from mmaudit.arrays import Bools, Floats, Ints
from mmaudit.rows import Estimate

Mechanism = Literal[
    "consistent with completely at random",
    "depends on observed data",
    "depends on the label",
    "depends on the label and on observed data",
    "not at random, of unknown source",
    "cannot be told",
]
FEWEST = 600  # samples below which a random pattern cannot be told from one that is not
FEWEST_OF_EACH = 30  # absent, and present
FOLDS, RIDGE = 5, 1.0
PERMUTATIONS, BOOTSTRAPS = 199, 499  # or `EACH` for every modality that is looked at, if more
EACH = 60  # so that the least p-value is below what is left of the level
LEVEL = 0.05
GIVEN = 0.7  # of the level, for what is asked given the rest: so wrong answers are .05 in all


@dataclass(frozen=True, slots=True)
class Absence:
    """How absence of one modality hangs together with the rest.

    Attributes:
        by_data: AUROC of absence from what is present, cross-fitted, with its 95 % interval; None
            where nothing is.
        p_data: p-value that what is present says nothing of it.
        p_label: p-value that the label says nothing of it; None without labels.
        p_data_given_label: Likewise of what is present, within each class.
        p_label_given_data: Likewise of the label, once what is present is known.
        least: AUROC that would most likely have been noticed.
        mechanism: What follows.
    """

    by_data: Estimate | None
    p_data: float
    p_label: float | None
    p_data_given_label: float
    p_label_given_data: float | None
    least: float
    mechanism: Mechanism


def absence(
    present: Floats, absent: Bools, labels: Ints | None, rng: np.random.Generator, tests: int = 1
) -> Absence:
    """Look for what absence follows from.

    Args:
        present: What is known of every sample without the modality, ``(n, d)``; d may be 0.
        absent: Whether the modality is absent, ``(n,)``.
        labels: Class of each sample, ``(n,)``; None where there are none.
        rng: Draws folds and permutations; the result depends on the order of the rows through it.
        tests: How many modalities are looked at, over which the level is split.
    """
    n, gone = len(absent), int(absent.sum())
    least = 0.5 + 2.5 * math.sqrt((n + 1) / (12 * max(gone, 1) * max(n - gone, 1)))
    if min(gone, n - gone) < FEWEST_OF_EACH:
        return Absence(None, 1.0, None, 1.0, None, least, "cannot be told")
    columns = np.concatenate([present, present**2], axis=1)
    draws, weights = max(PERMUTATIONS, EACH * tests), max(BOOTSTRAPS, EACH * tests)
    by_data, p_data, p_given = None, 1.0, 1.0
    if columns.shape[1]:
        by_data, p_data = _predicted(columns, absent, None, rng, draws)
        p_given = p_data
        if labels is not None:
            p_given = _predicted(columns, absent, labels, rng, draws)[1]
    p_label, p_label_given = None, None
    if labels is not None and len(np.unique(labels)) > 1:
        p_label = _by_label(absent, labels, rng, draws)
        p_label_given = _beyond_data(columns, absent, labels, rng, weights)
    mechanism = _mechanism(n, p_data, p_label, p_given, p_label_given, LEVEL / tests)
    return Absence(by_data, p_data, p_label, p_given, p_label_given, least, mechanism)


def _mechanism(
    n: int,
    p_data: float,
    p_label: float | None,
    p_data_given_label: float,
    p_label_given_data: float | None,
    level: float,
) -> Mechanism:
    if min(p_data, 1.0 if p_label is None else p_label) > level / 2:
        return "consistent with completely at random" if n >= FEWEST else "cannot be told"
    by_label = p_label_given_data is not None and p_label_given_data <= level * GIVEN
    by_data = p_data_given_label <= level * GIVEN
    if by_label and by_data:
        return "depends on the label and on observed data"
    if by_label:
        return "depends on the label"
    return "depends on observed data" if by_data else "not at random, of unknown source"


def _fitted(columns: Floats, targets: Floats, rng: np.random.Generator) -> Floats:
    """Ridge predictions of each target out of fold, less the mean of the fold's training rows.

    Args:
        columns: ``(n, d)``.
        targets: ``(n, target)``.
        rng: Draws the folds.
    """
    n = len(columns)
    spread = columns.std(axis=0)
    x = (columns - columns.mean(axis=0)) / np.where(spread > 0, spread, 1.0)
    x = np.concatenate([np.ones((n, 1)), x], axis=1)
    fold = np.empty(n, np.int64)
    fold[rng.permutation(n)] = np.arange(n) % FOLDS
    predicted = np.empty_like(targets)
    for k in range(FOLDS):
        train, test = x[fold != k], x[fold == k]
        y = targets[fold != k]
        ridge = RIDGE * np.eye(x.shape[1])
        weights = np.linalg.solve(train.T @ train + ridge, train.T @ y)
        predicted[fold == k] = test @ weights - y.mean(axis=0)
    return predicted


def _predicted(
    columns: Floats, absent: Bools, strata: Ints | None, rng: np.random.Generator, draws: int
) -> tuple[Estimate, float]:
    """AUROC of absence from columns, and its p-value by permutation, within strata if there are."""
    targets = np.empty((len(absent), draws + 1))
    targets[:, 0] = absent
    groups = _groups(strata, len(absent))
    for b in range(1, draws + 1):
        for rows in groups:
            targets[rows, b] = absent[rng.permutation(rows)]
    ranks = stats.rankdata(_fitted(columns, targets, rng), axis=0)
    gone = int(absent.sum())
    there = len(absent) - gone
    areas = ((ranks * targets).sum(axis=0) - gone * (gone + 1) / 2) / (gone * there)
    p = (1 + int((areas[1:] >= areas[0]).sum())) / (draws + 1)
    return _with_ends(float(areas[0]), gone, there), p


def _with_ends(area: float, gone: int, there: int) -> Estimate:
    """An AUROC with Hanley and McNeil's interval."""
    first, second = area / (2 - area), 2 * area**2 / (1 + area)
    spread = area * (1 - area) + (gone - 1) * (first - area**2) + (there - 1) * (second - area**2)
    half = 1.959964 * math.sqrt(max(spread, 0.0) / (gone * there))
    return Estimate(area, max(0.0, area - half), min(1.0, area + half), gone + there)


def _by_label(absent: Bools, labels: Ints, rng: np.random.Generator, count: int) -> float:
    """p-value of the chi-squared statistic of absence and label, by permutation."""
    classes, at = np.unique(labels, return_inverse=True)
    sizes = np.bincount(at, minlength=len(classes))

    def statistic(one: Bools) -> float:
        counts = np.bincount(at[one], minlength=len(classes))
        return float((counts**2 / sizes).sum())

    observed = statistic(absent)
    draws = [statistic(rng.permutation(absent)) for _ in range(count)]
    return (1 + sum(d >= observed - 1e-9 for d in draws)) / (count + 1)


def _beyond_data(
    columns: Floats, absent: Bools, labels: Ints, rng: np.random.Generator, count: int
) -> float:
    """p-value that the label says nothing of absence beyond the columns (Shah and Peters)."""
    classes = np.unique(labels)
    indicators = (labels[:, None] == classes).astype(np.float64)
    gone = absent[:, None].astype(np.float64)
    residual = gone - gone.mean() - _fitted(columns, gone, rng)
    others = indicators - indicators.mean(axis=0) - _fitted(columns, indicators, rng)
    products = residual * others
    products = products / np.maximum(products.std(axis=0), 1e-12)
    root = math.sqrt(len(absent))
    observed = float(np.abs(products.mean(axis=0) * root).max())
    draws = rng.standard_normal((count, len(absent))) @ (products - products.mean(axis=0))
    larger = int((np.abs(draws / root).max(axis=1) >= observed).sum())
    return (1 + larger) / (count + 1)


def _groups(strata: Ints | None, n: int) -> Sequence[Ints]:
    if strata is None:
        return [np.arange(n)]
    return [np.flatnonzero(strata == each) for each in np.unique(strata)]
