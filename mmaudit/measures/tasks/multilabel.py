"""Measures of several labels under the bootstrap: of each label by itself, and means over them.

References:
    Read et al. 2011, "Classifier chains", doi:10.1007/s10994-011-5256-5 (exact match, Hamming)
    Clopper and Pearson 1934, doi:10.1093/biomet/26.4.404
"""

from collections.abc import Sequence
from functools import partial

import numpy as np
from numpy.typing import NDArray

from mmaudit.arrays import Bools, Floats, Ints
from mmaudit.bounds import ranking
from mmaudit.bounds.shares import ends as share_ends
from mmaudit.bounds.unseen import size
from mmaudit.measures.intervals.bootstrap import REPLICATES, groups_of, replicate, replicated_means
from mmaudit.measures.intervals.evidence import By, Mean
from mmaudit.measures.intervals.joined import Joint
from mmaudit.measures.intervals.replicates import SHARE, Replicates
from mmaudit.measures.tasks.base import CHARGE, LabelAnswers, Task
from mmaudit.measures.tasks.ranks.roc import OF_FEW, areas_under, curve
from mmaudit.rows import Metric

TASK: Task = "multilabel"
HALF = 0.5  # a label is answered where it is more probable than not
METRICS = {
    "label_accuracy": Metric("share of labels answered right, yes or no", "1", "higher", *SHARE),
    "exact_match": Metric("share of samples with every label right", "1", "higher", *SHARE),
    "f1": Metric("F1 of the labels, each label counting alike", "1", "higher", *SHARE),
    "auroc": Metric(
        "chance that a positive outranks a negative",
        "1",
        "higher",
        *SHARE,
        unsure_drop_of_one=OF_FEW,
    ),
    "nll": Metric(
        "mean negative log-likelihood of the truth of a label, at most 6.9 nats a label",
        "nat",
        "lower",
        0.0,
        CHARGE,
    ),
    "brier": Metric("mean squared error of the probabilities of labels", "", "lower", 0.0, 1.0),
}


def measure(
    answers: LabelAnswers, keys: NDArray[np.uint64], replicates: int = REPLICATES
) -> dict[str, Replicates]:
    """Every measure of one condition, over one set of weights.

    ``label_accuracy``, ``f1`` and ``auroc`` are means over the labels; with ``:LABEL`` behind the
    name they are of one. ``exact_match`` is the share of samples of which no label is wrong,
    ``nll`` the mean over labels of the loss in nats, of which none is charged more than 6.9,
    ``brier`` that of the squared distance. ``f1`` and ``auroc`` are of the labels that some sample
    has (and of ``auroc``, some has not).

    Args:
        answers: The answers of ``n`` samples, at least one, about at least one label.
        keys: Key of each sample's unit, ``(n,)``.
        replicates: How many draws.

    Returns:
        Replicates by name.

    Raises:
        ValueError: Shapes do not agree, there are no samples, or a probability is none.

    Example:
        >>> from mmaudit.measures.intervals.bootstrap import unit_keys
        >>> truth, keys = np.eye(2, dtype=bool)[[0, 1] * 20], unit_keys(0, map(str, range(40)))
        >>> answers = LabelAnswers(truth, np.where(truth, 0.9, 0.1), ("cat", "dog"))
        >>> print(measure(answers, keys)["label_accuracy"].estimate())
        1.000 [0.912, 1.000]
    """
    truth, p, names = answers.truth, answers.probabilities.astype(np.float64), answers.names
    if not truth.size or truth.shape != p.shape != () or keys.shape != truth.shape[:1]:
        raise ValueError(f"{truth.shape} labels, {p.shape} probabilities, {keys.shape} keys")
    if not ((p >= 0) & (p <= 1)).all():
        raise ValueError("a probability is not in 0 … 1")
    groups, answered = groups_of(keys), p > HALF
    right = answered == truth
    own = np.where(truth, p, 1 - p)
    means = {
        "label_accuracy": right.mean(axis=1),
        "exact_match": right.all(axis=1),
        "nll": np.minimum(-np.log(np.maximum(own, np.exp(-CHARGE))), CHARGE).mean(axis=1),
        "brier": ((1 - own) ** 2).mean(axis=1),
        **{f"label_accuracy:{name}": right[:, i] for i, name in enumerate(names)},
    }
    out = _means(means, keys, groups, replicates)
    out |= _f1(truth, answered, names, keys, groups, replicates)
    out |= _areas(truth, p, names, keys, groups, replicates)
    return out


def _means(
    columns: dict[str, NDArray[np.generic]],
    keys: NDArray[np.uint64],
    groups: Ints | None,
    replicates: int,
) -> dict[str, Replicates]:
    points, draws, n = replicated_means(np.stack([*columns.values()], axis=1), keys, replicates)
    out = {}
    for i, (name, values) in enumerate(columns.items()):
        bounds = METRICS[name.partition(":")[0]].bounds
        evidence = Mean(values, groups, *bounds)
        out[name] = Replicates(float(points[i]), draws[:, i], n, bounds, evidence=evidence)
    return out


def _f1(
    truth: Bools,
    answered: Bools,
    names: Sequence[str],
    keys: NDArray[np.uint64],
    groups: Ints | None,
    replicates: int,
) -> dict[str, Replicates]:
    """F1 of each label that occurs, and their mean."""
    at = np.flatnonzero(truth.any(axis=0))
    if not at.size:
        return {}
    hits = truth[:, at] & answered[:, at]
    either = truth[:, at] | answered[:, at]
    sums = np.concatenate([hits, either], axis=1)
    points, draws, n = replicated_means(sums, keys, replicates)
    value, drawn = _ratio(points[None], at.size)[0], _ratio(draws, at.size)

    def ends(i: int, tail: float) -> tuple[float, float]:
        """F1 = 2 J / (1 + J), and J is the share that is hit of what is true or answered."""
        if groups is None:
            low, high = share_ends(int(hits[:, i].sum()), int(either[:, i].sum()), tail)
            return 2 * low / (1 + low), 2 * high / (1 + high)
        return _of_groups(hits[:, i], either[:, i], groups, tail)

    def reach(i: int, units: float) -> float:
        """How far F1 falls where hits turn to misses; others that are answered cost less."""
        hit, of_either = int(hits[:, i].sum()), int(either[:, i].sum())
        rest = max(hit - units * size(len(truth), groups), 0.0)
        return 2 * hit / (hit + of_either) - 2 * rest / (rest + of_either)

    own = tuple(By(partial(ends, i), partial(reach, i)) for i in range(at.size))
    of_all = Joint(value, own, drawn, n)
    out = {"f1": Replicates(float(value.mean()), drawn.mean(axis=1), n, SHARE, evidence=of_all)}
    for i, label in enumerate(at.tolist()):
        name = f"f1:{names[label]}"
        out[name] = Replicates(float(value[i]), drawn[:, i], n, SHARE, evidence=own[i])
    return out


def _of_groups(hits: Bools, either: Bools, groups: Ints, tail: float) -> tuple[float, float]:
    """Ends of F1 where samples stand in groups: of both shares, each at half of the error."""
    shares = (Mean(column, groups, *SHARE).ends(tail / 2) for column in (hits, either))
    (low, high), (least, most) = shares
    ratios = (low / most if most else 0.0), (min(1.0, high / least) if least else 1.0)
    return 2 * ratios[0] / (1 + ratios[0]), 2 * ratios[1] / (1 + ratios[1])


def _ratio(means: Floats, count: int) -> Floats:
    """F1 from the shares of hits and of what is true or answered; 0 where a draw has neither."""
    hits, either = means[:, :count], means[:, count:]
    below = hits + either
    return np.divide(2 * hits, below, out=np.zeros_like(hits), where=below > 0)


def _areas(
    truth: Bools,
    p: Floats,
    names: Sequence[str],
    keys: NDArray[np.uint64],
    groups: Ints | None,
    replicates: int,
) -> dict[str, Replicates]:
    """The area under the ROC curve of each label that some have and some have not; their mean."""
    at = [i for i in range(len(names)) if 0 < truth[:, i].sum() < len(truth)]
    if not at:
        return {}
    labels = truth.astype(np.int64)
    every = np.arange(len(truth))
    curves = [curve(1, every, np.ascontiguousarray(p[:, i])) for i in at]
    sides = [one.sides(labels[:, i]) for one, i in zip(curves, at, strict=True)]

    def statistics(drawn: NDArray[np.uint8]) -> Floats:
        pairs = zip(curves, at, strict=True)
        return np.concatenate([areas_under(drawn, labels[:, i], [c]) for c, i in pairs], axis=1)

    points, draws, n = replicate(statistics, keys, replicates)
    with np.errstate(invalid="ignore"):
        there = ~np.isnan(draws)
        mean = np.where(there, draws, 0).sum(axis=1) / there.sum(axis=1)

    def evidence(some: list[ranking.Sides]) -> By:
        return By(
            lambda tail: ranking.mean_area(some, len(truth), groups).ends(tail),
            lambda units: units * ranking.reach(some, len(truth), groups),
        )

    own = tuple(evidence([one]) for one in sides)
    # simulated: by the draws of areas that go together closely, a drop misses in .05
    of_all = Joint(np.asarray(points), own, draws, n, loose=evidence(sides))
    out = {"auroc": Replicates(float(points.mean()), mean, n, SHARE, evidence=of_all)}
    for j, i in enumerate(at):
        name = f"auroc:{names[i]}"
        out[name] = Replicates(float(points[j]), draws[:, j], n, SHARE, evidence=own[j])
    return out
