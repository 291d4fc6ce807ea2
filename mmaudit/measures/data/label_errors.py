"""Label errors: labels that what was learnt of the others speaks against, and how many they are.

References:
    Northcutt, Jiang and Chuang 2021, "Confident learning", doi:10.1613/jair.1.12125
"""

from dataclasses import dataclass

import numpy as np

from mmaudit.arrays import Bools, Floats, Ints
from mmaudit.bounds import shares
from mmaudit.rows import Estimate

ACCURATE = 0.93  # share of right answers from which the count is of errors, not of like classes
REPLICATES = 200
LEVELS = (0.025, 0.975)
LEAST = 1e-6


@dataclass(frozen=True, slots=True)
class LabelErrors:
    """What held-out probabilities say of labels.

    Attributes:
        confidence: Probability of each label, ``(n,)``.
        likely: Class that is likely instead, ``(n,)``; -1 where the label stands.
        rate: Share of labels that are wrong, with its interval: that of the bootstrap, or of a
            share where that is wider.
        accuracy: How often the likeliest class is the label.
    """

    confidence: Floats
    likely: Ints
    rate: Estimate
    accuracy: float

    @property
    def counted(self) -> bool:
        """Whether the rate is of errors; else classes are so alike that it counts those too."""
        return self.accuracy >= ACCURATE


def joined(probabilities: list[Floats]) -> Floats:
    """The normed geometric mean of some probabilities ``(n, class)``; a row of NaN is passed over.

    A row that is NaN in all of them is NaN.
    """
    logs = np.log(np.maximum(np.stack(probabilities), LEAST))
    there: Bools = np.asarray(~np.isnan(logs).any(axis=2))
    total = np.where(there[:, :, None], logs, 0.0).sum(axis=0)
    count = there.sum(axis=0)
    with np.errstate(invalid="ignore"):
        mean: Floats = np.exp(total / np.where(count, count, np.nan)[:, None])
    return mean / mean.sum(axis=1, keepdims=True)


def label_errors(probabilities: Floats, labels: Ints, rng: np.random.Generator) -> LabelErrors:
    """Labels against which held-out probabilities speak.

    The threshold of a class is the mean probability of it over the samples that are labelled so;
    a sample counts as of the likeliest class of those that reach their thresholds.

    Args:
        probabilities: Of each class, by what did not see the sample's label, ``(n, class)``.
        labels: The labels, ``(n,)``.
        rng: Draws the bootstrap.
    """
    n, classes = probabilities.shape
    own = probabilities[np.arange(n), labels]
    counted = _counted(probabilities, labels, classes)
    likely = np.where((counted >= 0) & (counted != labels), counted, -1)
    draws = [_rate(counted[at], labels[at], classes) for at in rng.integers(0, n, (REPLICATES, n))]
    value = _rate(counted, labels, classes)
    low, high = np.quantile(draws, LEVELS)
    least, most = shares.ends(value * n, n)  # draws know nothing of what was not seen once
    rate = Estimate(value, min(float(low), least), max(float(high), most), n)
    return LabelErrors(own, likely, rate, float((probabilities.argmax(axis=1) == labels).mean()))


def _counted(probabilities: Floats, labels: Ints, classes: int) -> Ints:
    """Class that each sample counts as, ``(n,)``; -1 where it reaches no threshold."""
    thresholds = np.array(
        [
            probabilities[labels == k, k].mean() if (labels == k).any() else 1.0
            for k in range(classes)
        ]
    )
    reached: Bools = probabilities >= thresholds
    best = np.where(reached, probabilities, -1.0).argmax(axis=1)
    return np.where(reached.any(axis=1), best, -1)


def _rate(counted: Ints, labels: Ints, classes: int) -> float:
    """Share off the diagonal of the confident joint, whose rows have the sizes of the classes."""
    sizes = np.bincount(labels, minlength=classes)
    sure = counted >= 0
    there = np.bincount(labels[sure], minlength=classes)
    off = np.bincount(labels[sure & (counted != labels)], minlength=classes)
    return float((off * sizes / np.maximum(there, 1)).sum() / len(labels))
