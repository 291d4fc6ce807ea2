"""Answers: the columns that a model's scores become, for classes, numbers and embeddings."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal, Protocol

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from mmaudit.arrays import Labels, Scores
from mmaudit.errors import UsageError
from mmaudit.inference.check import check_classes
from mmaudit.measures.games.ties import answered
from mmaudit.measures.tasks.base import FLOOR
from mmaudit.measures.tasks.ranks.condensed import DRAWN, drawn_classes, first_drawn
from mmaudit.models.base import ModelInfo

MOST_CLASSES = DRAWN  # above this so many of the probabilities are kept, and not the whole row
FIRST, SCORES = "drawn", "drawn_probabilities"  # which classes are kept, and their probabilities
Columns = dict[str, pa.Array]
TRUTH = "truth"  # whether a sample has each label
FIXES = {
    "class": "a model of probabilities or logits, with its classes (of a file ,classes=a,b in the "
    "order of its columns), or of embeddings",
    "number": "a model of values, or of embeddings",
    "multilabel": "a model whose output is label_probabilities (each label by itself, 0 … 1) or "
    "label_logits, of a file ,output=label_probabilities",
}


class Task(Protocol):
    """What is asked of the model, and how its scores become columns."""

    @property
    def kind(self) -> Literal["class", "number", "embedding", "multilabel"]:
        """What is asked for."""
        ...

    @property
    def classes(self) -> tuple[str, ...]:
        """The dataset's classes, in the order of the labels, then others that the model knows."""
        ...

    @property
    def fields(self) -> tuple[str, ...]:
        """Names of the columns."""
        ...

    def columns(self, scores: Scores, labels: Labels | None, ids: Sequence[str]) -> Columns:
        """The columns of some samples from their scores, labels and ids."""
        ...


def task(
    info: ModelInfo, target: str | None, classes: tuple[str, ...] | None, modalities: Sequence[str]
) -> Task:
    """Match what the model answers with what the dataset asks.

    Args:
        info: What the model says of itself.
        target: Kind of the dataset's target, or None.
        classes: The dataset's classes.
        modalities: Modalities in the order of the model's embeddings.

    Raises:
        UsageError: The dataset has no target, or one of another kind than the model's answers.
        InputError: The model's classes are not the dataset's.
    """
    if info.output == "embeddings":
        return Embeddings(tuple(modalities))
    if target is None:
        raise UsageError(
            "the dataset has no target, so answers cannot be judged",
            fix="add [target] to the manifest",
        )
    if target == "class" and info.output in {"probabilities", "logits"}:
        ours, theirs = classes or (), info.classes or ()
        check_classes(info, ours)
        names = (*ours, *(name for name in theirs if name not in set(ours)))
        return Classes(names, tuple(theirs.index(name) for name in names))
    if target == "multilabel" and info.output in {"label_probabilities", "label_logits"}:
        ours = classes or ()
        check_classes(info, ours)
        return Labelled(ours, tuple((info.classes or ()).index(name) for name in ours))
    if target == "number" and info.output == "values":
        return Numbers()
    raise UsageError(
        f"a target of kind {target!r} cannot be judged by a model that answers with {info.output}",
        fix=FIXES.get(target, "a model that answers with what the target is"),
    )


@dataclass(frozen=True, slots=True)
class Classes:
    """A class is asked for, and answered with probabilities.

    A model may know classes that no sample has. They are answers like others, and always wrong.

    Attributes:
        classes: The dataset's classes, then those that the model alone knows.
        order: Where each of them stands in the model's columns.
    """

    classes: tuple[str, ...]
    order: tuple[int, ...]
    kind: ClassVar[Literal["class"]] = "class"

    @property
    def fields(self) -> tuple[str, ...]:
        """The whole row of probabilities is kept up to `MOST_CLASSES`, else so many of them."""
        plain = ("prediction", "label", "p_true", "loss", "brier", "confidence", "correct")
        few = len(self.classes) <= MOST_CLASSES
        return (*plain, "probabilities") if few else (*plain, FIRST, SCORES)

    def columns(self, scores: Scores, labels: Labels | None, ids: Sequence[str]) -> Columns:
        """Prediction, probability of the true class, losses, and whether it was right."""
        if labels is None:
            raise ValueError("a class target always has labels")
        names = pa.array(self.classes, pa.string())
        p = scores[:, self.order].astype(np.float64)
        truth = labels.astype(np.int64)
        best = answered(p, self.classes, ids)
        p_true = p[np.arange(len(p)), truth]
        columns: Columns = {
            "prediction": names.take(pa.array(best)),
            "label": names.take(pa.array(truth)),
            "p_true": _float(p_true),
            "loss": _float(-np.log(np.maximum(p_true, FLOOR))),
            "brier": _float((p * p).sum(1) - 2 * p_true + 1),
            "confidence": _float(p.max(1, initial=0.0)),
            "correct": pa.array(best == truth),
        }
        if "probabilities" in self.fields:
            flat = pa.array(p.astype(np.float32).ravel())
            columns["probabilities"] = pa.FixedSizeListArray.from_arrays(flat, len(self.classes))
        else:
            first = first_drawn(ids, len(self.classes))
            some = np.take_along_axis(p, drawn_classes(first, len(self.classes)), axis=1)
            columns[FIRST] = pa.array(first.astype(np.int32))
            flat = pa.array(some.astype(np.float32).ravel())
            columns[SCORES] = pa.FixedSizeListArray.from_arrays(flat, DRAWN)
        return columns


@dataclass(frozen=True, slots=True)
class Labelled:
    """Several labels are asked for, and each is answered by itself.

    Attributes:
        classes: The dataset's labels; others that the model knows are not judged.
        order: Where each of them stands in the model's columns.
    """

    classes: tuple[str, ...]
    order: tuple[int, ...]
    fields: ClassVar[tuple[str, ...]] = (TRUTH, "probabilities", "loss", "correct")
    kind: ClassVar[Literal["multilabel"]] = "multilabel"

    def columns(self, scores: Scores, labels: Labels | None, ids: Sequence[str]) -> Columns:
        """Truth and probability of each label, the mean loss, and whether all are right."""
        del ids
        if labels is None:
            raise ValueError("a multilabel target always has labels")
        p, truth = np.clip(scores[:, self.order], 0, 1), labels.astype(np.bool_)
        own = np.where(truth, p, 1 - p).astype(np.float64)
        columns = {
            name: pa.FixedSizeListArray.from_arrays(pa.array(x.ravel()), len(self.classes))
            for name, x in (
                (TRUTH, truth.astype(np.uint8)),
                ("probabilities", p.astype(np.float32)),
            )
        }
        return {
            **columns,
            "loss": _float(-np.log(np.maximum(own, FLOOR)).mean(axis=1)),
            "correct": pa.array(((p > 0.5) == truth).all(axis=1)),
        }


@dataclass(frozen=True, slots=True)
class Numbers:
    """A number is asked for."""

    classes: ClassVar[tuple[str, ...]] = ()
    fields: ClassVar[tuple[str, ...]] = ("prediction", "label", "loss")
    kind: ClassVar[Literal["number"]] = "number"

    def columns(self, scores: Scores, labels: Labels | None, ids: Sequence[str]) -> Columns:
        """Prediction, truth and squared error."""
        del ids
        if labels is None:
            raise ValueError("a number target always has labels")
        answer = scores.reshape(len(scores), -1)[:, 0].astype(np.float64)
        truth = labels.astype(np.float64)
        return {
            "prediction": pa.array(answer),
            "label": pa.array(truth),
            "loss": _float((answer - truth) ** 2),
        }


@dataclass(frozen=True, slots=True)
class Embeddings:
    """Pairs are judged as a whole set: the embeddings themselves are the columns.

    Attributes:
        modalities: Modalities in the order of the model's embeddings.
    """

    modalities: tuple[str, ...]
    classes: ClassVar[tuple[str, ...]] = ()
    kind: ClassVar[Literal["embedding"]] = "embedding"

    @property
    def fields(self) -> tuple[str, ...]:
        """One column a modality."""
        return tuple(f"embedding_{m}" for m in self.modalities)

    def columns(self, scores: Scores, labels: Labels | None, ids: Sequence[str]) -> Columns:
        """The embeddings of each modality."""
        del labels, ids  # a pair is right or wrong among all pairs
        return {
            name: pa.FixedSizeListArray.from_arrays(
                pa.array(np.ascontiguousarray(scores[:, i]).ravel()), scores.shape[2]
            ).cast(pa.list_(pa.float32()))
            for i, name in enumerate(self.fields)
        }


def _float(values: NDArray[np.float64]) -> pa.Array:
    return pa.array(values.astype(np.float32))
