"""How well a score or a list finds what is known to be wrong, where the truth is known."""

import numpy as np

from mmaudit.arrays import Bools, Reals


def auroc(truth: Bools, score: Reals) -> float:
    """Probability that a wrong pair scores above a right one, ties one half, in [0, 1].

    Args:
        truth: Whether each pair is wrong, ``(n,)``; both kinds are there.
        score: Higher is more suspicious, ``(n,)``.

    Raises:
        ValueError: All pairs are of one kind.

    Example:
        >>> auroc(np.array([False, False, True, True]), np.array([0.1, 0.4, 0.3, 0.9]))
        0.75
    """
    if truth.all() or not truth.any():
        raise ValueError("AUROC needs pairs of both kinds")
    return above(score[truth], score[~truth])


def above(high: Reals, low: Reals) -> float:
    """How often a value of the first kind is above one of the second, ties one half, in [0, 1].

    Args:
        high: ``(n,)``, at least one.
        low: ``(m,)``, likewise.

    Example:
        >>> above(np.array([1.0, 3.0]), np.array([0.0, 1.0]))
        0.875
    """
    ordered = np.sort(low)
    below, at_most = (np.searchsorted(ordered, high, side) for side in ("left", "right"))
    return float((below.mean() + at_most.mean()) / 2.0 / len(low))


def average_precision(truth: Bools, score: Reals) -> float:
    """Mean precision at each wrong pair in the ranking, ties taken together, in [0, 1].

    Example:
        >>> average_precision(np.array([True, False, True]), np.array([0.9, 0.5, 0.1]))
        0.8333333333333333
    """
    _, at = np.unique(-np.asarray(score), return_inverse=True)
    wrong = np.bincount(at, weights=truth)
    precision = wrong.cumsum() / np.bincount(at).cumsum()
    return float((wrong * precision).sum() / max(truth.sum(), 1))


def f1(truth: Bools, flagged: Bools) -> float:
    """Harmonic mean of precision and recall of a list, in [0, 1]; 0 if it hits nothing.

    Example:
        >>> f1(np.array([True, True, False]), np.array([True, False, False]))
        0.6666666666666666
    """
    return float(2.0 * (truth & flagged).sum() / max(truth.sum() + flagged.sum(), 1))
