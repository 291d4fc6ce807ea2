"""What a measure of answers is: its task, its metrics, and one function of a model's answers."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, Literal, Protocol, cast

import numpy as np
from numpy.typing import NDArray

from mmaudit import contract, parts
from mmaudit.errors import UsageError
from mmaudit.measures.intervals.replicates import Replicates
from mmaudit.measures.tasks.ranks.condensed import Condensed
from mmaudit.rows import Metric

KIND = "measures/tasks"
Task = Literal["class", "number", "embedding", "multilabel"]


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
class LabelAnswers:
    """Several labels for ``n`` samples, each by itself.

    Attributes:
        truth: Whether a sample has a label, ``(n, label)`` bool.
        probabilities: How probable that is by the model, ``(n, label)``, in 0 … 1.
        names: Names of the labels.
    """

    truth: NDArray[np.bool_]
    probabilities: NDArray[np.floating]
    names: tuple[str, ...]


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
        condensed: What is kept of the probabilities in their place, where classes are very many.
    """

    labels: NDArray[np.int64]
    predictions: NDArray[np.int64]
    probabilities: NDArray[np.floating] | None
    classes: int
    condensed: Condensed | None = None

    @property
    def sure(self) -> bool:
        """Whether the model says how probable its answers are."""
        return self.probabilities is not None or self.condensed is not None

    @property
    def correct(self) -> NDArray[np.bool_]:
        """Whether the answered class is the true one, ``(n,)``."""
        return self.predictions == self.labels

    @property
    def p_true(self) -> NDArray[np.float64]:
        """Probability of the true class, ``(n,)``."""
        if self.condensed is not None:
            return self.condensed.p_true.astype(np.float64)
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
        if self.condensed is not None:
            return np.clip(self.condensed.brier.astype(np.float64), 0.0, 2.0)
        probabilities, out = self._all_probabilities(), np.zeros(self.labels.size)
        for k in range(self.classes):  # a class at a time: no second array of n x class
            out += (probabilities[:, k].astype(np.float64) - (self.labels == k)) ** 2
        return out

    @property
    def confidence(self) -> NDArray[np.float64]:
        """Probability of the answered class, ``(n,)``."""
        if self.condensed is not None:
            return self.condensed.confidence.astype(np.float64)
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


def from_condensed(
    labels: NDArray[np.integer],
    predictions: NDArray[np.integer],
    classes: int,
    condensed: Condensed,
) -> Answers:
    """Answers of which the probabilities are condensed.

    Raises:
        ValueError: Shapes do not agree, or a label is no class.
    """
    plain = from_predictions(labels, predictions, classes)
    if condensed.p_true.shape != plain.labels.shape:
        raise ValueError(f"labels {labels.shape} do not go with {condensed.p_true.shape}")
    return replace(plain, condensed=condensed)


class Measure(Protocol):
    """The module of a part in ``measures/tasks``; its path is its name."""

    TASK: Task  # whose answers it measures
    METRICS: Mapping[str, Metric]  # what each of its metrics means, the main one first

    def measure(
        self, answers: Any, keys: NDArray[np.uint64], replicates: int
    ) -> Mapping[str, Replicates]:
        """Every metric of the answers to one condition, over one set of bootstrap weights.

        Args:
            answers: Answers of ``n`` samples: `Answers` of classes,
                ``NumberAnswers`` or ``EmbeddingAnswers``, as the task says.
            keys: Key of each sample's unit, ``(n,)`` uint64, for
                `mmaudit.measures.intervals.bootstrap.replicate`.
            replicates: How many draws.

        Returns:
            The statistic and its draws by metric; a metric that is not defined is left out. Names
            are keys of ``METRICS``, or ``KEY:WAY`` where it is measured several ways.
        """
        ...


def check(name: str, part: object) -> None:
    """Refuse a module that is no measure.

    Raises:
        InputError: It lacks something; all of it is named.
    """
    contract.check(KIND, name, part, Measure)


@cache
def measures(task: Task, further: tuple[str, ...] = ()) -> tuple[Measure, ...]:
    """The measures of a task: mmaudit's own, then others by name.

    Raises:
        UsageError: There is no measure of a name, it is of another task, or two have one metric.
    """
    own = [cast("Measure", parts.load(KIND, name)) for name in parts.own(KIND)]
    selected = {"mmaudit": next(part for part in own if task == part.TASK)}
    for name in dict.fromkeys(further):
        part = cast("Measure", parts.load(KIND, name))
        if part is selected["mmaudit"]:
            continue
        if task != part.TASK:
            raise UsageError(
                f"the measure {name!r} is of answers of kind {part.TASK}, and these are {task}",
                fix="leave it out of --measures",
            )
        for other, earlier in selected.items():
            if both := part.METRICS.keys() & earlier.METRICS.keys():
                raise UsageError(
                    f"the measures {name!r} and {other!r} both have {', '.join(sorted(both))}",
                    fix="leave one out of --measures",
                )
        selected[name] = part
    return tuple(selected.values())
