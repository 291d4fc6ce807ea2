"""Ranges: refusals of answers that are not what they are called."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mmaudit.errors import InputError
from mmaudit.formats import many
from mmaudit.inference.precision import tolerance
from mmaudit.models.base import ModelInfo


def check_range(answers: NDArray[Any], info: ModelInfo, names: Sequence[str]) -> None:
    """Refuse probabilities that are none, and logits that are probabilities.

    Args:
        answers: Finite answers ``(n, class)``; those of other models are not looked at.
        info: What the model says of itself.
        names: What the samples are called in errors, ``(n,)``; empty for their place in the batch.

    Raises:
        InputError: They are not what they are called.
    """
    checks = {
        "logits": _logits,
        "probabilities": _probabilities,
        "label_probabilities": _by_label,
    }
    if info.output in checks:
        checks[info.output](answers, info, names)


def _probabilities(answers: NDArray[Any], info: ModelInfo, names: Sequence[str]) -> None:
    sums = answers.astype(np.float64).sum(axis=1)
    off = tolerance(answers)
    bad = (np.abs(sums - 1) > off) | (answers < -off).any(axis=1)
    if bad.any():
        row = int(np.flatnonzero(bad)[0])
        logits = bool((answers < -off).any())  # advice for others would make wrong numbers of them
        raise wrong(
            f"probabilities that sum to {sums[row]:.6g} and are at least {answers[row].min():.4g}, "
            f"for {which(bad, names)}",
            'output = "logits", of a file ,output=logits, if they are logits'
            if logits
            else "a probability for each class and for nothing else, with a sum of 1",
            info,
        )


def _logits(answers: NDArray[Any], info: ModelInfo, names: Sequence[str]) -> None:
    """Refuse probabilities that are called logits: their softmax would be wrong unseen."""
    sums = answers.astype(np.float64).sum(axis=1)
    off = tolerance(answers)
    if len(sums) > 1 and answers.min() >= 0 and (np.abs(sums - 1) <= off).all():
        first = which(np.ones(len(sums), np.bool_), names)
        raise wrong(
            f"logits that are at least 0 and sum to 1, for {first}: they are probabilities",
            'output = "probabilities", of a file ,output=probabilities',
            info,
        )


def _by_label(answers: NDArray[Any], info: ModelInfo, names: Sequence[str]) -> None:
    """Refuse probabilities of labels that are not in 0 … 1."""
    off = tolerance(answers)
    outside = (answers < -off) | (answers > 1 + off)
    bad = np.asarray(outside.any(axis=1), np.bool_)
    if bad.any():
        raise wrong(
            f"probabilities of labels of {answers.min():.4g} to {answers.max():.4g}, for "
            f"{which(bad, names)}",
            'output = "label_logits", of a file ,output=label_logits, if they are logits',
            info,
        )


def which(bad: NDArray[np.bool_], names: Sequence[str]) -> str:
    """The first of some samples, and how many more there are."""
    row, more = int(np.flatnonzero(bad)[0]), int(bad.sum()) - 1
    others = f" and {many(more, 'other')}" if more else ""
    return f"{called(row, names)}{others}"


def called(row: int, names: Sequence[str]) -> str:
    """What a sample of a batch is called in an error."""
    return f"the sample {names[row]!r}" if names else f"sample {row} of the batch"


def wrong(what: str, fix: str, info: ModelInfo) -> InputError:
    """The refusal of an answer."""
    return InputError(f"the model gave {what}", where=info.spec, fix=fix)
