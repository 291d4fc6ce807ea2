"""What a coalition's answer is worth: the value functions of the Shapley game.

References:
    Wei et al. 2024, arXiv:2309.06255 (correct_size: the number of modalities if right, else 0)
    Parcalabescu and Frank 2023, "MM-SHAP", arXiv:2212.08158 (similarity of an embedding model)
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from mmaudit.arrays import Reals
from mmaudit.kernels import kernel
from mmaudit.measures.games.ties import mean_of_top, share_right
from mmaudit.measures.tasks.base import FLOOR

HALF = 0.5  # a label is answered where it is more probable than not
ONE_LABEL = "p_label:"  # before the name of a label


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """What is known beside a coalition's answer.

    Attributes:
        truth: True class ``(n,)`` from 0, or true number, or whether each of several labels is true
            ``(n, label)``, NaN where it is not known; None where there are no labels.
        whole: The answer with everything that is present, of the answer's shape.
        there: Which modalities are present, ``(n, modality)``.
        joined: Which modalities the coalition has, ``(modality,)``; None for all that are present.
    """

    truth: NDArray[np.generic] | None
    whole: Reals
    there: NDArray[np.bool_]
    joined: Sequence[bool] | None = None

    @property
    def size(self) -> NDArray[np.int64]:
        """How many modalities of the coalition are present, ``(n,)``."""
        there = self.there if self.joined is None else self.there[:, np.array(self.joined, bool)]
        return there.sum(axis=1)

    @property
    def labels(self) -> NDArray[np.int64]:
        """True classes, ``(n,)``."""
        if self.truth is None:
            raise ValueError("this worth needs labels")
        return np.asarray(self.truth, np.int64)


def p_true(answer: Reals, reference: Reference) -> NDArray[np.float64]:
    """Probability of the true class."""
    return _at(answer, reference.labels)


def margin(answer: Reals, reference: Reference) -> NDArray[np.float64]:
    """Probability of the true class minus the largest of the others, -1 … 1."""
    others = np.array(answer, np.float64)
    others[np.arange(len(others)), reference.labels] = -np.inf
    return p_true(answer, reference) - others.max(axis=1)


def neg_loss(answer: Reals, reference: Reference) -> NDArray[np.float64]:
    """Log of the probability of the true class, in nats, not below log of `answers.FLOOR`."""
    return np.log(np.maximum(p_true(answer, reference), FLOOR))


def correct(answer: Reals, reference: Reference) -> NDArray[np.float64]:
    """1 if the most probable class is the true one, else 0; of a tie one over its number."""
    return np.asarray(share_right(answer, reference.labels))


def correct_size(answer: Reals, reference: Reference) -> NDArray[np.float64]:
    """The number of modalities in the coalition if it is right, else 0 (Wei et al. 2024)."""
    return correct(answer, reference) * reference.size


def p_predicted(answer: Reals, reference: Reference) -> NDArray[np.float64]:
    """Probability of the class that all modalities together answer; needs no labels."""
    return np.asarray(mean_of_top(answer, reference.whole))


def entropy_drop(answer: Reals, reference: Reference) -> NDArray[np.float64]:
    """How far the answer's entropy lies below that of no idea, log K, in nats; needs no labels."""
    del reference
    p = np.asarray(answer, np.float64)
    inside = np.where(p > 0, p * np.log(np.where(p > 0, p, 1.0)), 0.0)
    return np.log(p.shape[1]) + inside.sum(axis=1)


def neg_squared_error(answer: Reals, reference: Reference) -> NDArray[np.float64]:
    """Minus the squared error of an answered number, in the target's unit squared."""
    if reference.truth is None:
        raise ValueError("this worth needs labels")
    error = answer.reshape(len(answer), -1)[:, 0].astype(np.float64) - reference.truth.astype(float)
    return -error * error


def similarity(answer: Reals, reference: Reference) -> NDArray[np.float64]:
    """Mean cosine over the pairs of modalities of embeddings ``(n, modality, d)``."""
    del reference
    rows = np.asarray(answer, np.float64)
    length = np.sqrt((rows * rows).sum(axis=2, keepdims=True))
    unit = rows / np.where(length > 0, length, 1.0)
    count, total = rows.shape[1], unit.sum(axis=1)
    # the squared length of a sum of unit vectors is the sum of all cosines, the own ones too
    own = (unit * unit).sum(axis=(1, 2))
    return ((total * total).sum(axis=1) - own) / (count * (count - 1))


def p_labels(answer: Reals, reference: Reference) -> NDArray[np.float64]:
    """Probability of what is true of a label, mean over the labels."""
    return np.asarray(np.nanmean(_of_labels(answer, reference), axis=1))


def labels_correct(answer: Reals, reference: Reference) -> NDArray[np.float64]:
    """Share of the labels that are answered right, yes above a half and no elsewhere."""
    truth = _truth(reference)
    right = np.where(np.isnan(truth), np.nan, (answer > HALF) == (truth > HALF))
    return np.asarray(np.nanmean(right, axis=1))


def p_label(answer: Reals, reference: Reference, column: int) -> NDArray[np.float64]:
    """Probability of what is true of one label."""
    return _of_labels(answer, reference)[:, column]


def _of_labels(answer: Reals, reference: Reference) -> NDArray[np.float64]:
    """Probability of what is true of each label, ``(n, label)``; NaN where that is not known."""
    truth, p = _truth(reference), np.asarray(answer, np.float64)
    return np.where(np.isnan(truth), np.nan, np.where(truth > HALF, p, 1 - p))


def _truth(reference: Reference) -> NDArray[np.float64]:
    """Whether each sample has each label, 1 or 0, ``(n, label)``; NaN where it is not known."""
    if reference.truth is None:
        raise ValueError("this worth needs labels")
    return np.asarray(reference.truth, np.float64)


@kernel
def _at(answer: Reals, classes: NDArray[np.integer]) -> NDArray[np.float64]:
    out = np.empty(answer.shape[0])
    for i in range(out.size):
        out[i] = answer[i, classes[i]]
    return out


Worth = Callable[[Reals, Reference], NDArray[np.float64]]
WORTHS: Mapping[str, Mapping[str, Worth]] = {
    "class": {
        f.__name__: f
        for f in (p_true, margin, neg_loss, correct, correct_size, p_predicted, entropy_drop)
    },
    "multilabel": {f.__name__: f for f in (p_labels, labels_correct)},
    "number": {"neg_squared_error": neg_squared_error},
    "embedding": {"similarity": similarity},
}


def worths_of(task: str, labels: Sequence[str] = ()) -> Mapping[str, Worth]:
    """The value functions of a task by name; of one label by ``p_label:NAME``.

    Args:
        task: The task, a key of `WORTHS`.
        labels: Names of the model's columns, where there are several labels.
    """
    if task != "multilabel":
        return WORTHS[task]
    each = {f"{ONE_LABEL}{name}": partial(p_label, column=i) for i, name in enumerate(labels)}
    return {**WORTHS[task], **each}
