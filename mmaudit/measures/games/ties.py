"""Ties of the most probable class: an answer that names several classes is shared among them.

Which of equal probabilities comes first is an accident of how the classes are called, so a tie is
right by one over the number of its classes.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from mmaudit.arrays import Floats, Reals
from mmaudit.kernels import kernel
from mmaudit.seeds import digests

ALIKE = 1e-6  # equal logits give single-precision probabilities that differ by 3e-8


@kernel
def share_right(answers: Reals, labels: NDArray[np.int64]) -> Floats:
    """1 where the most probable class is the true one, one over their number where several are.

    Args:
        answers: Probabilities, ``(n, class)``.
        labels: Column of the true class, ``(n,)``.

    Returns:
        ``(n,)``, in 0 … 1.

    Example:
        >>> share_right(np.array([[0.5, 0.5], [0.2, 0.8]]), np.array([1, 1]))
        array([0.5, 1. ])
    """
    out = np.empty(answers.shape[0])
    for i in range(out.size):
        row = answers[i]
        least = row.max() - ALIKE
        tied = 0
        for k in range(row.size):
            tied += row[k] >= least
        out[i] = (row[labels[i]] >= least) / tied
    return out


@kernel
def mean_of_top(answers: Reals, other: Reals) -> Floats:
    """Mean probability, ``(n,)``, of the classes that are the most probable by another answer.

    Args:
        answers: Probabilities, ``(n, class)``.
        other: Those that say which classes, likewise.
    """
    out = np.empty(answers.shape[0])
    for i in range(out.size):
        least = other[i].max() - ALIKE
        tied, total = 0, 0.0
        for k in range(answers.shape[1]):
            if other[i, k] >= least:
                tied += 1
                total += answers[i, k]
        out[i] = total / tied
    return out


def answered(answers: Reals, names: Sequence[str], ids: Sequence[str]) -> NDArray[np.int64]:
    """The class that each sample is answered with, ``(n,)``; one of a tie is drawn by the id.

    So each class of a tie is as likely, whatever its place: the mean over samples is that of
    `share_right`, where an answer has to be one class.

    Args:
        answers: Probabilities, ``(n, class)``.
        names: Names of the classes.
        ids: Id of each sample.
    """
    if not answers.size:
        return np.zeros(len(answers), np.int64)
    best = answers.argmax(axis=1).astype(np.int64)
    top = answers >= answers.max(axis=1, keepdims=True) - ALIKE
    tied = np.flatnonzero(top.sum(axis=1) > 1)
    if tied.size:
        ranked = np.argsort(np.array(names, np.str_), kind="stable")
        drawn = digests(0, "ties", [ids[int(i)] for i in tied])
        for i, word in zip(tied, drawn, strict=True):
            some = ranked[top[i, ranked]]
            best[i] = some[int(word) % some.size]
    return best
