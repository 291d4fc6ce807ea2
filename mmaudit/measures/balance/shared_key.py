"""A key that both sides of a split share: what a probe gains by having seen its values before.

Each row is judged by a fit of other folds: once folds keep all rows of a value of the key together,
and many times folds that keep as many rows of each class, drawn without regard to the key. What is
right more often in the second case is known from the key.

References:
    Phipson and Smyth 2010, doi:10.2202/1544-6115.1585 (p-values of drawn permutations)
"""

from dataclasses import dataclass

import numpy as np

from mmaudit.arrays import Bools, Floats, Ints
from mmaudit.measures.balance.probe import held_out_by
from mmaudit.measures.games.ties import share_right
from mmaudit.rows import Estimate

FOLDS = 5
DRAWS = 199  # of other folds
FIRST = 19  # of these; the rest is not drawn where they say that nothing is there
MOST_OF_A_CLASS = 0.5  # rows of a class that one value of a key may hold
TAIL = 0.025


@dataclass(frozen=True, slots=True)
class SharedKey:
    """What a probe gains by a key.

    Attributes:
        shared: Share of right answers where values of the key are on both sides.
        apart: Where they are not.
        gap: The first minus the second, with its interval over values of the key.
        p_value: That folds drawn without regard to the key are right as rarely.
    """

    shared: Estimate
    apart: Estimate
    gap: Estimate
    p_value: float


def shared_key(
    rows: Floats, labels: Ints, classes: int, keys: Ints, rng: np.random.Generator
) -> SharedKey:
    """Hold folds by a key against folds without regard to it.

    Args:
        rows: Features, ``(n, d)``, finite, in an order that is random.
        labels: Class of each row, ``(n,)``, from 0.
        classes: How many classes there are.
        keys: Number of the value of the key of each row, ``(n,)``, from 0; two or more.
        rng: Draws folds.
    """
    scores = held_out_by(rows, labels, classes)
    folds = folds_of(keys, rng)
    apart = share_right(scores(folds), labels)
    each, total = list[float](), np.zeros(len(labels))
    while len(each) < (FIRST if min(each, default=2.0) <= apart.mean() else DRAWS):
        right = share_right(scores(_shuffled(folds, labels, rng)), labels)
        each.append(float(right.mean()))
        total += right
    low_or_equal = sum(one <= apart.mean() for one in each)
    shared = total / len(each)
    return SharedKey(
        shared=clustered(shared, keys, 0.0),
        apart=clustered(apart, keys, 0.0),
        gap=clustered(shared - apart, keys, -1.0),
        p_value=(1 + low_or_equal) / (1 + len(each)),
    )


def usable(labels: Ints, keys: Ints) -> Bools:
    """Rows whose class has most of its rows at other values of the key, ``(n,)``.

    Without them, folds by the key would be folds of classes that nobody trained on.

    Args:
        labels: Class of each row, ``(n,)``, from 0.
        keys: Number of the value of the key of each row, ``(n,)``, from 0.
    """
    counts = np.zeros((int(labels.max(initial=-1)) + 1, int(keys.max(initial=-1)) + 1), np.int64)
    np.add.at(counts, (labels, keys), 1)
    fits = counts.max(axis=1, initial=0) <= MOST_OF_A_CLASS * counts.sum(axis=1)
    return np.asarray(fits[labels])


def folds_of(keys: Ints, rng: np.random.Generator) -> Ints:
    """Folds that hold whole values of a key, about as large as each other, ``(n,)``."""
    sizes = np.bincount(keys)
    fold_of, filled = np.zeros(len(sizes), np.int64), np.zeros(min(FOLDS, len(sizes)))
    for value in _largest_first(sizes, rng):
        fold_of[value] = filled.argmin()
        filled[fold_of[value]] += sizes[value]
    return fold_of[keys]


def _largest_first(sizes: Ints, rng: np.random.Generator) -> Ints:
    order = rng.permutation(len(sizes))
    return np.asarray(order[np.argsort(-sizes[order], kind="stable")])


def _shuffled(folds: Ints, labels: Ints, rng: np.random.Generator) -> Ints:
    """The same folds with their rows of each class exchanged at random, ``(n,)``."""
    drawn, order = np.empty_like(folds), np.argsort(labels, kind="stable")
    for rows in np.split(order, np.flatnonzero(np.diff(labels[order])) + 1):
        drawn[rows] = rng.permutation(folds[rows])
    return drawn


def clustered(numbers: Floats, keys: Ints, least: float) -> Estimate:
    """A mean of rows with its interval over values of a key, by Student's t of their sums.

    Args:
        numbers: A number of each row, ``(n,)``, at most 1.
        keys: Number of the value of the key of each row, ``(n,)``, from 0; two or more.
        least: The least that the mean can be.

    Example:
        >>> clustered(np.array([0.0, 0.2, 0.0, 0.2]), np.array([0, 0, 1, 1]), -1.0)
        Estimate(value=0.1, low=0.1, high=0.1, n=2)
    """
    from scipy.special import stdtrit  # noqa: PLC0415  quantile of Student's t

    sizes = np.bincount(keys)
    mean, units = float(numbers.mean()), len(sizes)
    off = np.bincount(keys, numbers) - mean * sizes
    error = np.sqrt(units / (units - 1) * np.square(off).sum()) / len(numbers)
    half = float(stdtrit(units - 1, 1 - TAIL)) * float(error)
    return Estimate(mean, max(least, mean - half), min(1.0, mean + half), units)
