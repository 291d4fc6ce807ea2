"""Confidence under damage: does what is unsure go with what is wrong, and with what was damaged?

References:
    Hendrycks and Gimpel 2017, "A baseline for detecting misclassified and out-of-distribution
    examples in neural networks", arXiv:1610.02136 (1 - max p, its AUROC)
    DeLong, DeLong, Clarke-Pearson 1988, doi:10.2307/2531595 (the interval of an AUROC)
    Geifman, Uziel, El-Yaniv 2019, "Bias-reduced uncertainty estimation for deep neural
    classifiers", arXiv:1805.08206 (AURC)
    Dempster 1967, "Upper and lower probabilities induced by a multivalued mapping",
    doi:10.1214/aoms/1177698950 (conflict)
"""

import numpy as np
from numpy.typing import NDArray

from mmaudit.arrays import Bools, Floats
from mmaudit.bounds.ranking import mean_area
from mmaudit.measures.intervals.bootstrap import groups_of, replicate
from mmaudit.measures.intervals.replicates import SHARE, Replicates
from mmaudit.rows import Estimate, Metric

METRICS = {
    "uncertainty_effect": Metric(
        "of two samples, how much more often the answer gets less sure in the one that was damaged "
        "more, by the sum of severities",
        "",
        "higher",
        low=-1.0,
        high=1.0,
    ),
    "conflict_effect": Metric(
        "of two samples, how much more often the answers of single modalities conflict more in the "
        "one that was damaged more, by the sum of severities",
        low=-1.0,
        high=1.0,
    ),
    "confidence_effect": Metric(
        "of two samples, how much more often what the modality says alone gets surer in the one "
        "whose modality was damaged more",
        "",
        "lower",
        low=-1.0,
        high=1.0,
    ),
    "wrong_auroc": Metric(
        "how often a wrong answer is less sure than a right one", "1", "higher", low=0.0, high=1.0
    ),
    "damage_auroc": Metric(
        "how often a damaged sample's answer is less sure than a clean one's",
        "1",
        low=0.0,
        high=1.0,
    ),
    "aurc": Metric(
        "share of wrong answers among the surest, averaged over how many are kept",
        "1",
        "lower",
        low=0.0,
        high=1.0,
        unsure="of few wrong answers draws say little",
    ),
}


def area(positive: Bools, uncertainty: Floats, keys: NDArray[np.uint64]) -> Estimate | None:
    """AUROC of an uncertainty; None where all samples are of one side.

    Args:
        positive: Which samples should be less sure, ``(n,)``.
        uncertainty: Finite, ``(n,)``.
        keys: Key of each sample's unit, ``(n,)``; a unit may have samples on both sides.

    Example:
        >>> keys = np.arange(40, dtype=np.uint64)
        >>> area(np.arange(40) < 10, np.where(np.arange(40) < 10, 0.9, 0.1), keys).value
        1.0
    """
    inside, outside = np.flatnonzero(positive), np.flatnonzero(~positive)
    if not inside.size or not outside.size:
        return None
    sides = [(inside, uncertainty[inside], outside, uncertainty[outside])]
    groups = groups_of(keys)
    measured = mean_area(sides, keys.size, groups)
    low, high = measured.ends()
    units = keys.size if groups is None else int(groups.max()) + 1
    return Estimate(measured.value, min(low, measured.value), max(high, measured.value), units)


def risk_coverage_area(
    wrong: Bools, uncertainty: Floats, keys: NDArray[np.uint64], replicates: int
) -> Replicates:
    """AURC: the share of wrong answers among the surest ``k``, averaged over all ``k``.

    Of answers that are as sure as one another each counts as their mean.

    Args:
        wrong: Which answers are wrong, ``(n,)``.
        uncertainty: How unsure each is, ``(n,)``.
        keys: Key of each sample's unit, ``(n,)``.
        replicates: How many draws.
    """
    order = np.argsort(uncertainty, kind="stable")
    _, tied = np.unique(uncertainty[order], return_inverse=True)
    risk = (np.bincount(tied, wrong[order]) / np.bincount(tied))[tied]

    def statistics(drawn: NDArray[np.uint8]) -> Floats:
        weights = drawn[:, order].astype(np.float64)
        kept_so_far = np.cumsum(weights, axis=1)
        wrong_so_far = np.cumsum(weights * risk, axis=1)
        shares = wrong_so_far / np.maximum(kept_so_far, 1)
        return np.asarray((weights * shares).sum(axis=1) / np.maximum(kept_so_far[:, -1], 1))[
            :, None
        ]

    points, draws, n = replicate(statistics, keys, replicates)
    return Replicates(float(points[0]), draws[:, 0], n, SHARE)


def conflict(alone: NDArray[np.floating], present: Bools) -> Floats:
    """Mean over pairs of modalities of Dempster's conflict between what each says alone.

    Probabilities are taken as belief masses of single classes: an analogue where no evidence is
    known, of which nothing is left as uncertainty.

    Args:
        alone: Probabilities of each modality alone, ``(sample, modality, class)``.
        present: Which modalities each sample has.

    Returns:
        ``1 - sum_k p_k q_k``, ``(sample,)``; NaN where fewer than two are present.
    """
    there = np.where(present[..., None], alone, 0.0)
    total = there.sum(axis=1)
    agreement = ((total * total).sum(axis=1) - (there * there).sum(axis=(1, 2))) / 2
    count = present.sum(axis=1)
    pairs = count * (count - 1) / 2
    return np.where(pairs > 0, 1 - agreement / np.maximum(pairs, 1), np.nan)
