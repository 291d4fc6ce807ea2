"""Measures of classification under the bootstrap: accuracy, F1, AUROC, NLL, Brier, ECE.

Everything is counted in integers (probabilities and losses in fixed point), so a draw does not
depend on the order of the rows.

References:
    Guo et al. 2017, "On calibration of modern neural networks", arXiv:1706.04599 (ECE, 15 bins)
    Hand and Till 2001, doi:10.1023/A:1010920819831 (AUROC of more than two classes; here one
    class against the rest, each class with the same weight)
"""

import numpy as np
from numpy.typing import NDArray

from mmaudit.arrays import Ints
from mmaudit.bounds import f1, ranking
from mmaudit.bounds.calibration import bracket
from mmaudit.kernels import kernel
from mmaudit.measures.intervals.bootstrap import REPLICATES, fixed, groups_of, replicate
from mmaudit.measures.intervals.evidence import By, Evidence, Mean, Miscalibration
from mmaudit.measures.intervals.replicates import SHARE, Replicates
from mmaudit.measures.tasks.base import CHARGE, Answers, Task
from mmaudit.measures.tasks.ranks.roc import OF_FEW, Curve, areas_under, curve
from mmaudit.rows import Estimate, Metric

BINS = 15
TASK: Task = "class"
METRICS = {
    "accuracy": Metric("share of right answers", "1", "higher", *SHARE),
    "macro_f1": Metric(
        "F1 averaged over the classes, each class counting alike", "1", "higher", *SHARE
    ),
    "auroc": Metric(
        "chance that a positive outranks a negative",
        "1",
        "higher",
        *SHARE,
        unsure_drop_of_one=OF_FEW,
    ),
    "nll": Metric(
        "mean negative log-likelihood of the truth, at most 6.9 nats a sample",
        "nat",
        "lower",
        0.0,
        CHARGE,
    ),
    "brier": Metric("mean squared error of the probabilities", "", "lower", 0.0, 2.0),
    "ece": Metric("expected calibration error, 15 bins of equal width", "1", "lower", *SHARE),
}


def measure(
    answers: Answers, keys: NDArray[np.uint64], replicates: int = REPLICATES
) -> dict[str, Replicates]:
    """Every measure of one condition, over one set of weights.

    ``accuracy`` is the share answered right. ``macro_f1`` is the mean F1 of the classes that occur
    among the labels, ``auroc`` the mean area under the ROC curve of each such class against the
    rest (of class 1 where there are two classes); a replicate in which a class does not occur
    averages the others. ``nll`` is the mean loss in nats, of which no sample is charged more than
    6.9 (a probability of .001: what one sample can do bounds what an interval can say), ``brier``
    the mean squared distance (0 … 2), ``ece`` the gap between confidence and accuracy over 15 bins
    of equal width.

    Args:
        answers: The answers of ``n`` samples, at least one.
        keys: Key of each sample's unit, ``(n,)``, from `bootstrap.unit_keys`.
        replicates: How many draws.

    Returns:
        Replicates by name. Without probabilities there are only ``accuracy`` and ``macro_f1``;
        ``auroc`` is left out where only one class occurs.

    Raises:
        ValueError: There are no samples, or ``keys`` are not one a sample.

    Example:
        >>> from mmaudit.measures.intervals.bootstrap import unit_keys
        >>> from mmaudit.measures.tasks.base import from_predictions
        >>> labels = np.array([0, 1] * 20)
        >>> answers = from_predictions(labels, np.where(np.arange(40) < 10, 0, labels), classes=2)
        >>> keys = unit_keys(0, [str(i) for i in range(40)])
        >>> print(measure(answers, keys)["accuracy"].estimate())
        0.875 [0.732, 0.958]
    """
    if not answers.labels.size or keys.shape != answers.labels.shape:
        raise ValueError(f"{answers.labels.size} answers with {keys.size} keys")
    sure = answers.sure
    losses = (answers.charge, answers.brier, answers.confidence) if sure else ()
    columns = [fixed(column) for column in losses]
    # without probabilities the same kernel sums nothing
    wide = np.stack([c for c, _ in columns]) if columns else np.zeros((0, keys.size), np.int64)
    units = np.array([unit for _, unit in columns])
    bins = bins_of(answers.confidence) if sure else np.zeros(keys.size, np.int64)
    curves = _curves(answers) if sure else None

    def statistics(drawn: NDArray[np.uint8]) -> NDArray[np.float64]:
        counts = _count(drawn, answers.labels, answers.predictions, answers.classes, wide, bins)
        named = [_accuracy(*counts[:2]), _macro_f1(counts[1])]
        if sure:
            named += _calibration(counts, units)
        if curves is not None:
            named.append(_mean_defined(areas_under(drawn, answers.labels, curves)))
        return np.stack(named, axis=1)

    points, draws, n = replicate(statistics, keys, replicates)
    names = ["accuracy", "macro_f1", *(["nll", "brier", "ece"] if sure else [])]
    names += ["auroc"] if curves is not None else []
    evidence = evidence_of(answers, groups_of(keys), bins if sure else None, curves)
    return {
        name: Replicates(
            float(points[i]), draws[:, i], n, METRICS[name].bounds, evidence=evidence[name]
        )
        for i, name in enumerate(names)
    }


def evidence_of(
    answers: Answers, groups: Ints | None, bins: Ints | None, curves: list[Curve] | None
) -> dict[str, Evidence]:
    """What the interval of each measure is made of.

    Args:
        answers: The answers of ``n`` samples.
        groups: Number of each sample's group, ``(n,)``.
        bins: Bin of each answer's confidence, ``(n,)``; None without probabilities.
        curves: The classes that are judged by their ROC curves; None where none is.
    """
    labels, predictions, classes = answers.labels, answers.predictions, answers.classes
    out: dict[str, Evidence] = {
        "accuracy": Mean(answers.correct, groups, *SHARE),
        "macro_f1": By(
            lambda tail: f1.ends(labels, predictions, classes, groups, tail),
            lambda units: units * f1.reach(labels, predictions, classes, groups),
        ),
    }
    if bins is None:
        return out
    gaps = answers.correct - answers.confidence
    out["nll"] = Mean(answers.charge, groups, *METRICS["nll"].bounds)
    out["brier"] = Mean(answers.brier, groups, *METRICS["brier"].bounds)
    out["ece"] = Miscalibration(gaps, bins, BINS, groups)
    if curves is not None:
        sides = [curve.sides(labels) for curve in curves]
        out["auroc"] = By(
            lambda tail: ranking.mean_area(sides, labels.size, groups).ends(tail),
            lambda units: units * ranking.reach(sides, labels.size, groups),
        )
    return out


def calibration_error(
    correct: NDArray[np.float64], confidence: NDArray[np.float64], groups: Ints | None = None
) -> Estimate:
    """Expected calibration error by itself, with its interval over samples.

    Args:
        correct: Whether each answer is right, or the share of a tie that is, ``(n,)``.
        confidence: Its probability, ``(n,)``.
        groups: Number of each sample's group, ``(n,)``.
    """
    gaps = bracket(correct - confidence, bins_of(confidence), BINS, groups=groups)
    units = correct.size if groups is None else int(groups.max()) + 1
    return Estimate(gaps.value, gaps.low, gaps.high, units)


def bins_of(confidence: NDArray[np.float64]) -> NDArray[np.int64]:
    """Bin ``b`` holds confidences in ``(b / 15, (b + 1) / 15]``."""
    return np.clip(np.ceil(confidence * BINS).astype(np.int64) - 1, 0, BINS - 1)


Counts = tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]


@kernel
def _count(
    drawn: NDArray[np.uint8],
    labels: NDArray[np.int64],
    predictions: NDArray[np.int64],
    classes: int,
    wide: NDArray[np.int64],
    bins: NDArray[np.int64],
) -> Counts:
    """One pass over the rows of each replicate.

    Returns the total weight ``(b,)``; true positives, labels and predictions of each class
    ``(b, 3, class)``; sums of the fixed-point columns ``(b, column)``; and the number right, and
    the summed confidence (the last column), of each bin ``(b, 2, bin)``.
    """
    total = np.zeros(drawn.shape[0], np.int64)
    by_class = np.zeros((drawn.shape[0], 3, classes), np.int64)
    sums = np.zeros((drawn.shape[0], wide.shape[0]), np.int64)
    by_bin = np.zeros((drawn.shape[0], 2, BINS), np.int64)
    for b in range(drawn.shape[0]):
        for i in range(drawn.shape[1]):
            weight = np.int64(drawn[b, i])
            if weight == 0:
                continue
            label, answer = labels[i], predictions[i]
            total[b] += weight
            by_class[b, 1, label] += weight
            if answer >= 0:
                by_class[b, 2, answer] += weight
            if answer == label:
                by_class[b, 0, label] += weight
                by_bin[b, 0, bins[i]] += weight
            for c in range(wide.shape[0]):
                sums[b, c] += weight * wide[c, i]
            if wide.shape[0]:
                by_bin[b, 1, bins[i]] += weight * wide[wide.shape[0] - 1, i]
    return total, by_class, sums, by_bin


def _accuracy(total: NDArray[np.int64], by_class: NDArray[np.int64]) -> NDArray[np.float64]:
    return _share(by_class[:, 0].sum(axis=1), total)


def _macro_f1(by_class: NDArray[np.int64]) -> NDArray[np.float64]:
    right, true, answered = by_class[:, 0], by_class[:, 1], by_class[:, 2]
    scores = np.where(true > 0, _share(2 * right, true + answered), np.nan)
    return _mean_defined(scores)


def _calibration(counts: Counts, units: NDArray[np.float64]) -> list[NDArray[np.float64]]:
    """NLL, Brier and expected calibration error of each replicate."""
    total, _, sums, by_bin = counts
    gaps = np.abs(by_bin[:, 0] - by_bin[:, 1] * units[2]).sum(axis=1)
    return [
        _share(sums[:, 0] * units[0], total),
        _share(sums[:, 1] * units[1], total),
        _share(gaps, total),
    ]


def _share(part: NDArray[np.generic], whole: NDArray[np.int64]) -> NDArray[np.float64]:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.divide(part, whole, dtype=np.float64)


def _mean_defined(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Mean over the classes that are defined, ``(replicate,)``; NaN where none is."""
    defined = ~np.isnan(values)
    total = np.where(defined, values, 0.0).sum(axis=1)
    return _share(total, defined.sum(axis=1))


def _curves(answers: Answers) -> list[Curve] | None:
    """The curve of each class that occurs, and that a sample of another class has a score for.

    Where there are two classes it is that of class 1. None where only one occurs.
    """
    classes = np.unique(answers.labels)
    if classes.size < 2:
        return None
    if answers.classes == 2:
        classes = classes[1:]
    if answers.condensed is not None:
        return answers.condensed.curves(answers.labels) or None
    if answers.probabilities is None:
        return None
    columns = (np.ascontiguousarray(answers.probabilities[:, k]) for k in classes)
    every = np.arange(answers.labels.size)
    return [curve(k, every, scores) for k, scores in zip(classes.tolist(), columns, strict=True)]
