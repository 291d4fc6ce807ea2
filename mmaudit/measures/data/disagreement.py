"""Disagreement: two modalities of a sample that each look like another class, as of a wrong pair.

A modality is sure of a class where its margin, held out, is as large as that of half of the samples
that are labelled so and look so. A value that was swapped with one of another class is as sure as
any; a value that is hard to tell seldom is.
"""

from dataclasses import dataclass

import numpy as np

from mmaudit.arrays import Bools, Floats, Ints
from mmaudit.measures.data.label_errors import ACCURATE

QUANTILE = 0.5  # of the margins of right answers for a class, from which an answer is sure
FEWEST = 5  # right answers for a class


@dataclass(frozen=True, slots=True)
class Disagreement:
    """How two modalities contradict each other.

    Attributes:
        score: The smaller of both margins where they say different classes, ``(n,)``; 0 where they
            say the same or one says nothing.
        sure: Whether both are sure of different classes, ``(n,)``.
        classes: What each says, ``(n, 2)``; -1 where it says nothing.
        accurate: Whether both are right so often, of the other samples, that those where both are
            sure are wrong pairs.
    """

    score: Floats
    sure: Bools
    classes: Ints
    accurate: bool


def disagreement(first: Floats, second: Floats, labels: Ints) -> Disagreement:
    """Where the answers of two modalities contradict each other.

    Args:
        first: Probabilities of each class by what did not see the sample, ``(n, class)``; a row of
            NaN where there is no value.
        second: The same of the other modality.
        labels: Class of each sample, ``(n,)``.
    """
    answers = [_answers(one, labels) for one in (first, second)]
    classes = np.stack([top for top, _, _ in answers], axis=1)
    differ = (classes >= 0).all(axis=1) & (classes[:, 0] != classes[:, 1])
    margins = np.minimum(answers[0][1], answers[1][1])
    sure = differ & answers[0][2] & answers[1][2]
    right = [_right(top[~sure], labels[~sure]) for top, _, _ in answers]
    return Disagreement(
        score=np.where(differ, margins, 0.0),
        sure=sure,
        classes=classes,
        accurate=min(right) >= ACCURATE,
    )


def _right(top: Ints, labels: Ints) -> float:
    return float((top == labels).sum() / max((top >= 0).sum(), 1))


def _answers(probabilities: Floats, labels: Ints) -> tuple[Ints, Floats, Bools]:
    """The likeliest class, -1 of none; by how much it is likelier than the next; whether sure."""
    there: Bools = np.asarray(~np.isnan(probabilities).any(axis=1))
    filled = np.where(there[:, None], probabilities, 0.0)
    top = np.where(there, filled.argmax(axis=1), -1)
    ordered = np.partition(filled, -2, axis=1)
    margin = ordered[:, -1] - ordered[:, -2]
    least = np.full(probabilities.shape[1] + 1, np.inf)  # the last is that of no answer
    for k in range(probabilities.shape[1]):
        right = margin[(top == k) & (labels == k)]
        if right.size >= FEWEST:
            least[k] = np.quantile(right, QUANTILE)
    return top, margin, margin >= least[top]
