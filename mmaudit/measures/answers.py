"""A model's answers to one condition, beside the truth: what measures read, for each task."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FLOOR = 1e-12  # no loss is larger than -log of this, about 27.6 nats
CHARGE = -math.log(0.001)  # what one sample may add to a mean of losses, about 6.9 nats


@dataclass(frozen=True, slots=True)
class NumberAnswers:
    """Numbers for ``n`` samples.

    Attributes:
        truth: True numbers, ``(n,)``, finite.
        answers: Answered numbers, ``(n,)``, finite.
    """

    truth: NDArray[np.floating]
    answers: NDArray[np.floating]


@dataclass(frozen=True, slots=True)
class EmbeddingAnswers:
    """Embeddings of two modalities of ``n`` samples.

    Attributes:
        embeddings: ``(n, d)`` for each of the two modalities, finite.
        groups: Name of each sample's group, ``n``; samples of one group match each other.
        shared: Modalities of which a group has one thing in several rows (the picture of several
            texts): as candidates such rows count once, by the most similar.
    """

    embeddings: Mapping[str, NDArray[np.floating]]
    groups: Sequence[str]
    shared: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Answers:
    """Classes for ``n`` samples and what can be said of each answer.

    Attributes:
        labels: True class of each sample, ``(n,)``, from 0.
        predictions: Answered class, ``(n,)``; the first of the largest probabilities.
        probabilities: ``(n, class)``, or None where a model says only which class.
        classes: How many classes there are.
    """

    labels: NDArray[np.int64]
    predictions: NDArray[np.int64]
    probabilities: NDArray[np.floating] | None
    classes: int

    @property
    def correct(self) -> NDArray[np.bool_]:
        """Whether the answered class is the true one, ``(n,)``."""
        return self.predictions == self.labels

    @property
    def p_true(self) -> NDArray[np.float64]:
        """Probability of the true class, ``(n,)``."""
        rows = np.arange(self.labels.size)
        return self._all_probabilities()[rows, self.labels].astype(np.float64)

    @property
    def loss(self) -> NDArray[np.float64]:
        """Negative log of ``p_true`` in nats, ``(n,)``, at most ``-log(FLOOR)``."""
        return -np.log(np.maximum(self.p_true, FLOOR))

    @property
    def charge(self) -> NDArray[np.float64]:
        """The loss as a mean of losses counts it, ``(n,)``, at most `CHARGE`."""
        return np.minimum(self.loss, CHARGE)

    @property
    def brier(self) -> NDArray[np.float64]:
        """Squared distance from the one-hot truth, ``(n,)``, in 0 … 2 (Brier 1950)."""
        probabilities, out = self._all_probabilities(), np.zeros(self.labels.size)
        for k in range(self.classes):  # a class at a time: no second array of n x class
            out += (probabilities[:, k].astype(np.float64) - (self.labels == k)) ** 2
        return out

    @property
    def confidence(self) -> NDArray[np.float64]:
        """Probability of the answered class, ``(n,)``."""
        rows = np.arange(self.labels.size)
        return self._all_probabilities()[rows, self.predictions].astype(np.float64)

    def _all_probabilities(self) -> NDArray[np.floating]:
        if self.probabilities is None:
            raise ValueError("this model gives classes, not probabilities")
        return self.probabilities


def from_probabilities(labels: NDArray[np.integer], probabilities: NDArray[np.floating]) -> Answers:
    """Answers of a model that gives probabilities.

    Args:
        labels: True class of each sample, ``(n,)``, in 0 … class - 1.
        probabilities: ``(n, class)``, finite.

    Raises:
        ValueError: Shapes do not agree, a label is no class, or a probability is not finite.
    """
    if probabilities.ndim != 2 or labels.shape != probabilities.shape[:1]:
        raise ValueError(f"labels {labels.shape} do not go with {probabilities.shape}")
    if not np.isfinite(probabilities).all():
        raise ValueError("a probability is not finite")
    predictions = probabilities.argmax(axis=1).astype(np.int64)
    return _checked(labels, predictions, probabilities, probabilities.shape[1])


def from_predictions(
    labels: NDArray[np.integer], predictions: NDArray[np.integer], classes: int
) -> Answers:
    """Answers of a model that says only which class; a prediction of -1 is always wrong.

    Raises:
        ValueError: Shapes do not agree, or a label is no class.
    """
    if labels.shape != predictions.shape or labels.ndim != 1:
        raise ValueError(f"labels {labels.shape} do not go with {predictions.shape}")
    return _checked(labels, predictions.astype(np.int64), None, classes)


def _checked(
    labels: NDArray[np.integer],
    predictions: NDArray[np.int64],
    probabilities: NDArray[np.floating] | None,
    classes: int,
) -> Answers:
    for name, values, least in (("label", labels, 0), ("prediction", predictions, -1)):
        if values.size and not least <= int(values.min()) <= int(values.max()) < classes:
            raise ValueError(f"a {name} is not one of {classes} classes")
    return Answers(labels.astype(np.int64), predictions, probabilities, classes)
