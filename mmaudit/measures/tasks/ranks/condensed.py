"""Condensed: what is kept of the probabilities of very many classes, so that it does not grow.

Every metric but the area under the ROC curve needs a few numbers a sample. For the area of a class
the samples of it are compared with others by their probabilities for it. Of each sample those of a
fixed number of classes are kept, drawn by its id alone: the same under every condition. So each
class is compared with a random part of the other samples, and its area has the expectation that it
has with all of them; that there are fewer is in its interval.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mmaudit import seeds
from mmaudit.arrays import Floats, Ints
from mmaudit.measures.tasks.ranks.roc import Curve, curve

DRAWN = 64  # classes of a sample whose probabilities are kept
PURPOSE = "classes that are compared"


@dataclass(frozen=True, slots=True)
class Condensed:
    """What is kept of the probabilities of ``n`` samples.

    Attributes:
        p_true: Of the true class, ``(n,)``.
        brier: Squared distance from the one-hot truth, ``(n,)``.
        confidence: Of the answered class, ``(n,)``.
        drawn: Which classes are kept beside these, ``(n, DRAWN)``.
        scores: Their probabilities, ``(n, DRAWN)``.
    """

    p_true: Floats
    brier: Floats
    confidence: Floats
    drawn: Ints
    scores: NDArray[np.float32]

    def curves(self, labels: Ints) -> list[Curve]:
        """The ROC curve of each class that occurs and is compared with anything."""
        others = np.nonzero(self.drawn != labels[:, None])
        samples = np.concatenate([np.arange(labels.size), others[0]])
        classes = np.concatenate([labels, self.drawn[others]])
        own = self.p_true.astype(np.float32)
        scores = np.concatenate([own, self.scores[others]])
        order = np.argsort(classes, kind="stable")
        numbers = np.unique(labels)
        ends = np.searchsorted(classes[order], [numbers, numbers + 1])
        pieces = [(k, order[a:b]) for k, a, b in zip(numbers.tolist(), *ends, strict=True)]
        return [
            curve(k, samples[at], scores[at])
            for k, at in pieces
            if (labels[samples[at]] != k).any()
        ]


def first_drawn(ids: Sequence[str], classes: int) -> Ints:
    """Where the classes begin that are drawn for each sample, ``(n,)``, in 0 … classes - 1."""
    return (seeds.digests(0, PURPOSE, list(ids)) % np.uint64(classes)).astype(np.int64)


def drawn_classes(first: Ints, classes: int) -> Ints:
    """The classes that are drawn for each sample, ``(n, DRAWN)``.

    Args:
        first: Where they begin, from `first_drawn`.
        classes: How many classes there are, at least `DRAWN`.
    """
    order = seeds.words(0, PURPOSE).permutation(classes)
    return order[(first[:, None] + np.arange(DRAWN)) % classes]
