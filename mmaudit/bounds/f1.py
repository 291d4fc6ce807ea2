"""F1 averaged over classes: an interval from exponential weights and one sample that was not seen.

The weight of all samples of one label and one answer together is a gamma number, so whatever the
number of samples the draws are made of the table of confusions; for groups of samples each group
has a weight. The lower end has one more error in the rarest class, answered as the next rarest,
the upper end one more right answer in the class of the lowest F1. What is drawn is a fixed
function of the table (a Latin hypercube by a hash), so there is no seed.

References:
    Rubin 1981, "The Bayesian bootstrap", doi:10.1214/aos/1176345338
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mmaudit.arrays import Floats, Ints
from mmaudit.bounds.means import TAIL
from mmaudit.bounds.unseen import size

FEWEST, FEWEST_OF_A_CLASS = 60, 5
DRAWS = 1000
LARGE = 400  # counts above share the quantiles of the next power of 1.02


@dataclass(frozen=True, slots=True)
class Confusions:
    """How often each label met each answer.

    Attributes:
        label: Class of the label of each kind of sample, ``(kind,)``.
        answer: Its answered class, ``(kind,)``; -1 for none of the classes.
        weights: Drawn weight of each kind, ``(kind, draw)``.
        counts: How often each class is a label, in units, ``(class,)``.
        unseen: Samples of the unit that was not seen.
    """

    label: Ints
    answer: Ints
    weights: Floats
    counts: Ints
    unseen: float


def ends(
    labels: Ints, answers: Ints, classes: int, groups: Ints | None = None, tail: float = TAIL
) -> tuple[float, float]:
    """Interval of macro-F1; 0 to 1 where there are too few samples to tell.

    Args:
        labels: True class of each sample, ``(sample,)``, from 0.
        answers: Answered class, ``(sample,)``; -1 is always wrong.
        classes: How many classes there are.
        groups: Number of each sample's group, ``(sample,)``.
        tail: Error on each side.
    """
    table = _drawn(labels, answers, classes, groups)
    there = np.flatnonzero(table.counts)
    units = labels.size if groups is None else int(groups.max()) + 1
    if units < FEWEST or table.counts[there].min() < FEWEST_OF_A_CLASS:
        return 0.0, 1.0
    rare = there[np.argsort(table.counts[there], kind="stable")]
    wrong = rare[1] if rare.size > 1 else -1
    extra = _quantiles(1.0)[_order(np.array([classes * classes + 1], np.uint64))[0]]
    extra = extra * table.unseen
    plain = _f1(table, classes, there, None, extra).mean(axis=1)
    worst = there[int(np.argmin(plain))]
    low = _f1(table, classes, there, (int(rare[0]), int(wrong)), extra).mean(axis=0)
    high = _f1(table, classes, there, (int(worst), int(worst)), extra).mean(axis=0)
    return float(np.quantile(low, tail)), float(np.quantile(high, 1 - tail))


def reach(labels: Ints, answers: Ints, classes: int, groups: Ints | None = None) -> float:
    """How far macro-F1 falls at most by a unit of which all was right and turns wrong.

    Args:
        labels: True class of each sample, ``(sample,)``, from 0.
        answers: Answered class, ``(sample,)``; -1 is always wrong.
        classes: How many classes there are.
        groups: Number of each sample's group, ``(sample,)``.
    """
    true, answered = (np.bincount(x[x >= 0], minlength=classes) for x in (labels, answers))
    hits = np.bincount(labels[labels == answers], minlength=classes)
    there = true > 0
    both = (true + answered)[there].astype(np.float64)
    f1 = 2 * hits[there] / both
    one = float(((2 - f1) / both).max() + (f1 / both).max()) / both.size
    return one * size(labels.size, groups)


def _drawn(labels: Ints, answers: Ints, classes: int, groups: Ints | None) -> Confusions:
    codes = labels * (classes + 1) + answers + 1
    kinds, at, counts = np.unique(codes, return_inverse=True, return_counts=True)
    label, answer = kinds // (classes + 1), kinds % (classes + 1) - 1
    if groups is None:
        weights = np.stack([_quantiles(float(count)) for count in counts])
        order = _order(kinds.astype(np.uint64))
        weights = np.take_along_axis(weights, order, axis=1)
        return Confusions(label, answer, weights, np.bincount(labels, minlength=classes), 1.0)
    from scipy.sparse import csr_array  # noqa: PLC0415  only where there are groups

    members = np.bincount(groups)
    each = _quantiles(1.0)[_order(np.arange(members.size, dtype=np.uint64))]
    table = csr_array((np.ones(labels.size), (at.reshape(-1), groups)), (kinds.size, members.size))
    pairs = np.unique(labels * members.size + groups) // members.size
    per_class = np.bincount(pairs, minlength=classes)
    unseen = size(labels.size, groups)
    return Confusions(label, answer, np.asarray(table @ each), per_class, unseen)


def _f1(
    table: Confusions, classes: int, there: Ints, more: tuple[int, int] | None, extra: Floats
) -> Floats:
    """F1 of each class that occurs in each draw, ``(class, draw)``, with one more sample."""
    true = np.zeros((classes, extra.size))
    answered, hits = np.zeros_like(true), np.zeros_like(true)
    named = table.answer >= 0
    right = table.label == table.answer
    np.add.at(true, table.label, table.weights)
    np.add.at(answered, table.answer[named], table.weights[named])
    np.add.at(hits, table.label[right], table.weights[right])
    if more is not None:
        label, answer = more
        true[label] += extra
        if answer >= 0:
            answered[answer] += extra
        if label == answer:
            hits[label] += extra
    both = (true + answered)[there]
    return np.divide(2 * hits[there], both, out=np.zeros_like(both), where=both > 0)


def _order(keys: NDArray[np.uint64]) -> Ints:
    """A fixed random order of the draws for each key, ``(key, draw)``."""
    x = np.left_shift(keys, np.uint64(20))[:, None] + np.arange(DRAWS, dtype=np.uint64)
    x = (x + np.uint64(0x9E3779B97F4A7C15)) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return np.argsort(x ^ (x >> np.uint64(31)), axis=1)


_kept: dict[float, Floats] = {}


def _quantiles(count: float) -> Floats:
    """Quantiles of a gamma number of this shape at the middles of equal shares, ``(draw,)``."""
    if count > LARGE:  # nearly normal: scaled from the nearest shape that is kept
        shape = float(np.rint(LARGE * 1.02 ** np.rint(np.log(count / LARGE) / np.log(1.02))))
        return count + (_quantiles_of(shape) - shape) * np.sqrt(count / shape)
    return _quantiles_of(count)


def _quantiles_of(shape: float) -> Floats:
    from scipy.special import gammaincinv  # noqa: PLC0415  quantile of a gamma number

    if shape not in _kept:
        _kept[shape] = gammaincinv(shape, (np.arange(DRAWS) + 0.5) / DRAWS)
    return _kept[shape]
