"""Answers: the columns that a model's scores become, for classes, numbers and embeddings."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from mmaudit.errors import InputError, UsageError
from mmaudit.models.base import ModelInfo

SMALLEST = 1e-12  # probabilities are clipped here in the logarithm, as in scikit-learn's log_loss
MOST_CLASSES = 64  # above this the whole probability row is not kept, so there is no AUROC
Columns = dict[str, pa.Array]


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """What is asked of the model, and how its scores become columns.

    Attributes:
        kind: ``class``, ``number`` or ``embedding``.
        classes: The dataset's classes, in the order of the labels; empty for others.
        columns: ``(scores, labels) -> columns`` for the same samples.
        fields: The columns' types.
    """

    kind: str
    classes: tuple[str, ...]
    columns: Callable[[NDArray[np.float32], NDArray[np.generic] | None], Columns]
    fields: tuple[pa.Field, ...]


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
        return _embeddings(tuple(modalities))
    if target is None:
        raise UsageError(
            "the dataset has no target, so answers cannot be judged",
            fix="add [target] to the manifest",
        )
    if target == "class" and info.output in {"probabilities", "logits"}:
        return _classes(info, classes or ())
    if target == "number" and info.output == "values":
        return _numbers()
    raise UsageError(
        f"a target of kind {target!r} cannot be judged by a model that answers with {info.output}",
        fix="class with probabilities or logits, number with values, or a model of embeddings",
    )


def _classes(info: ModelInfo, classes: tuple[str, ...]) -> Task:
    order = _order(info.classes, classes)
    names = pa.array(classes, pa.string())
    keep = len(classes) <= MOST_CLASSES
    fields = [
        pa.field("prediction", pa.string(), nullable=False),
        pa.field("label", pa.string(), nullable=False),
        *(
            pa.field(name, pa.float32(), nullable=False)
            for name in ("p_true", "loss", "brier", "confidence")
        ),
        pa.field("correct", pa.bool_(), nullable=False),
    ]
    if keep:
        fields.append(pa.field("probabilities", pa.list_(pa.float32(), len(classes))))

    def columns(scores: NDArray[np.float32], labels: NDArray[np.generic] | None) -> Columns:
        if labels is None:
            raise ValueError("a class target always has labels")
        p = scores[:, order].astype(np.float64)
        truth = labels.astype(np.int64)
        best = p.argmax(1)
        p_true = p[np.arange(len(p)), truth]
        made: Columns = {
            "prediction": names.take(pa.array(best)),
            "label": names.take(pa.array(truth)),
            "p_true": _float(p_true),
            "loss": _float(-np.log(np.maximum(p_true, SMALLEST))),
            "brier": _float((p * p).sum(1) - 2 * p_true + 1),
            "confidence": _float(p.max(1, initial=0.0)),
            "correct": pa.array(best == truth),
        }
        if keep:
            flat = pa.array(p.astype(np.float32).ravel())
            made["probabilities"] = pa.FixedSizeListArray.from_arrays(flat, len(classes))
        return made

    return Task(kind="class", classes=classes, columns=columns, fields=tuple(fields))


def _order(theirs: tuple[str, ...] | None, ours: tuple[str, ...]) -> NDArray[np.int64]:
    """Where each of the dataset's classes stands in the model's columns."""
    if theirs is None or not set(ours) <= set(theirs):
        missing = sorted(set(ours) - set(theirs or ()))
        raise InputError(
            f"the model does not know the classes {', '.join(missing[:5]) or '(it names none)'}",
            where=f"the dataset's classes are {', '.join(ours[:10])}",
            fix="name the model's classes as the labels are named, or list them in [target]",
        )
    return np.array([theirs.index(name) for name in ours], np.int64)


def _numbers() -> Task:
    def columns(scores: NDArray[np.float32], labels: NDArray[np.generic] | None) -> Columns:
        if labels is None:
            raise ValueError("a number target always has labels")
        answer = scores.reshape(len(scores), -1)[:, 0].astype(np.float64)
        truth = labels.astype(np.float64)
        return {
            "prediction": pa.array(answer),
            "label": pa.array(truth),
            "loss": _float((answer - truth) ** 2),
        }

    fields = (
        pa.field("prediction", pa.float64(), nullable=False),
        pa.field("label", pa.float64(), nullable=False),
        pa.field("loss", pa.float32(), nullable=False),
    )
    return Task(kind="number", classes=(), columns=columns, fields=fields)


def _embeddings(modalities: tuple[str, ...]) -> Task:
    """Pairs are judged as a whole set: the embeddings themselves are the columns."""

    def columns(scores: NDArray[np.float32], _labels: NDArray[np.generic] | None) -> Columns:
        width = scores.shape[2]
        return {
            f"embedding_{m}": pa.FixedSizeListArray.from_arrays(
                pa.array(np.ascontiguousarray(scores[:, i]).ravel()), width
            ).cast(pa.list_(pa.float32()))
            for i, m in enumerate(modalities)
        }

    fields = tuple(pa.field(f"embedding_{m}", pa.list_(pa.float32())) for m in modalities)
    return Task(kind="embedding", classes=(), columns=columns, fields=fields)


def _float(values: NDArray[np.float64]) -> pa.Array:
    return pa.array(values.astype(np.float32))
