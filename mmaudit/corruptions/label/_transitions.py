"""Labels: wrong ones in exact numbers, by a transition from each class to others."""

import numpy as np

from mmaudit.arrays import Bools, Floats, Ints
from mmaudit.corruptions import row_selection
from mmaudit.corruptions.base import Rows
from mmaudit.corruptions.entry_selection import smallest


def exact(rows: Rows, rate: float, seed: int, purpose: str) -> Bools:
    """Mark exactly a share of all rows, whatever their class, ``(n,)``."""
    keys = row_selection.numbers(rows, seed, purpose)[:, 0]
    return smallest(keys, row_selection.count(rate, keys.size))


def flipped(rows: Rows, transition: Floats, seed: int, purpose: str) -> Ints:
    """New labels in exactly the numbers that a transition matrix says, ``(n,)``.

    Of the ``n_a`` rows of class ``a``, ``n_a T[a, b]`` get label ``b``, rounded so that the sums
    fit (largest remainder).

    Args:
        rows: The whole set, with labels.
        transition: Probability of the new class given the old one, ``(class, class)``; its rows
            sum to 1.
        seed: The run's seed.
        purpose: Name of the plan.
    """
    labels = row_selection.need_labels(rows, purpose)
    keys = row_selection.numbers(rows, seed, purpose)[:, 0]
    out = labels.copy()
    for old in np.unique(labels):
        members = row_selection.in_order(keys, np.flatnonzero(labels == old))
        wrong = transition[old].copy()
        wrong[old] = 0.0
        total = row_selection.count(float(wrong.sum()), members.size)
        out[members[:total]] = np.repeat(np.arange(wrong.size), _apportion(wrong, total))
    return out


def _apportion(weights: Floats, total: int) -> Ints:
    """Whole numbers in proportion to weights that sum to ``total``, by largest remainder."""
    if not total:
        return np.zeros(weights.size, np.int64)
    share = weights / weights.sum() * total
    counts = np.floor(share + 1e-9).astype(np.int64)
    rest = total - int(counts.sum())
    counts[np.argsort(-(share - counts), kind="stable")[:rest]] += 1
    return counts
