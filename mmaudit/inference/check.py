"""Checks of what a model answers: shapes, finite numbers, probabilities, rows on their own."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mmaudit.errors import InputError
from mmaudit.inference.averages import softmax
from mmaudit.models.base import ModelInfo

TOLERANCE = 1e-4
STEPS = ((0xFFFF, 2.0**-8), (0x1FFF, 2.0**-11))  # bits that are 0, half a step: bfloat16, float16
ROUNDED = 4  # half steps that a softmax in few bits may be off by


def check_answers(
    scores: Any, n: int, info: ModelInfo, names: Sequence[str] = ()
) -> NDArray[np.float32]:
    """A model's answers, checked and in one form.

    Args:
        scores: What `Model.scores` returned.
        n: How many samples were asked about.
        info: What the model says of itself.
        names: What the samples are called in errors, ``(n,)``; default, their place in the batch.

    Returns:
        Probabilities ``(n, class)`` (of logits, their softmax), numbers ``(n,)``, or embeddings
        ``(n, modality, d)``, float32.

    Raises:
        InputError: The shape is another one, something is not finite, or probabilities are
            negative or do not sum to 1 within 1e-4, or within `tolerance` where it is more.
    """
    answers = _array(scores, info)
    if answers.dtype.kind not in "fiub":
        raise _wrong(f"answers of type {answers.dtype}", "numbers, as float32", info)
    answers = _shaped(answers, n, info)
    bad = ~np.isfinite(answers).reshape(n, -1).all(axis=1)
    if bad.any():
        raise _wrong(
            f"an answer that is not finite, for {_which(bad, names)}",
            "look at what the model does with that sample",
            info,
        )
    if info.output == "logits":
        return softmax(answers.astype(np.float64)).astype(np.float32)
    if info.output == "probabilities":
        _probabilities(answers, info, names)
    return answers.astype(np.float32)


def tolerance(answers: NDArray[Any]) -> float:
    """How far off answers may be, by the bits of the numbers that they were computed in.

    Example:
        >>> tolerance(np.array([0.1], np.float32))
        0.0001
        >>> tolerance(np.array([0.1], np.float16)) == tolerance(np.float32([np.float16(0.1)]))
        True
    """
    bits = np.ascontiguousarray(answers, np.float32).view(np.uint32)
    steps = (step for zeros, step in STEPS if not (bits & zeros).any())
    return max(TOLERANCE, ROUNDED * next(steps, 0.0))


def check_classes(info: ModelInfo, ours: Sequence[str]) -> None:
    """Refuse a model that does not know some classes of the dataset.

    Raises:
        InputError: It does not; the classes of both are named.
    """
    theirs = info.classes or ()
    lacking = [one for one in ours if one not in theirs]
    if lacking:
        raise InputError(
            f"the model does not know the classes {_some(lacking, 5)}: the dataset's are "
            f"{_some(ours)}, the model's {_some(theirs) or '(it names none)'}",
            where=info.spec,
            fix="name the model's classes as the labels are named, of a file with ,classes=a,b in "
            "the order of its columns",
        )


def _some(names: Sequence[str], most: int = 10) -> str:
    return ", ".join(names[:most]) + (" …" if len(names) > most else "")


def _array(scores: Any, info: ModelInfo) -> NDArray[Any]:
    try:
        return np.asarray(scores)
    except (ValueError, TypeError, RuntimeError) as error:
        reason = str(error).splitlines()[0]
        kind = type(scores).__name__
        raise _wrong(f"a {kind} that is no array: {reason}", "a NumPy array", info) from error


def _shaped(answers: NDArray[Any], n: int, info: ModelInfo) -> NDArray[Any]:
    if info.output == "values":
        if answers.shape not in {(n,), (n, 1)}:
            raise _wrong(f"answers of shape {answers.shape}", f"({n},) or ({n}, 1)", info)
        return answers.reshape(n)
    if info.output == "embeddings":
        if answers.ndim != 3 or answers.shape[:2] != (n, len(info.modalities)):
            raise _wrong(
                f"answers of shape {answers.shape}", f"({n}, {len(info.modalities)}, d)", info
            )
        return answers
    wanted = (n, len(info.classes or ()))
    if answers.shape != wanted:
        raise _wrong(f"answers of shape {answers.shape}", f"{wanted}, one column a class", info)
    return answers


def _probabilities(answers: NDArray[Any], info: ModelInfo, names: Sequence[str]) -> None:
    sums = answers.astype(np.float64).sum(axis=1)
    off = tolerance(answers)
    bad = (np.abs(sums - 1) > off) | (answers < -off).any(axis=1)
    if bad.any():
        row = int(np.flatnonzero(bad)[0])
        logits = bool((answers < -off).any())  # advice for others would make wrong numbers of them
        raise _wrong(
            f"probabilities that sum to {sums[row]:.6g} and are at least {answers[row].min():.4g}, "
            f"for {_which(bad, names)}",
            'output = "logits", of a file ,output=logits, if they are logits'
            if logits
            else "a probability for each class and for nothing else, with a sum of 1",
            info,
        )


def _which(bad: NDArray[np.bool_], names: Sequence[str]) -> str:
    """The first of some samples, and how many more there are."""
    row, more = int(np.flatnonzero(bad)[0]), int(bad.sum()) - 1
    return f"{called(row, names)} and {more} others"


def called(row: int, names: Sequence[str]) -> str:
    """What a sample of a batch is called in an error."""
    return f"the sample {names[row]!r}" if names else f"sample {row} of the batch"


def _wrong(what: str, fix: str, info: ModelInfo) -> InputError:
    return InputError(f"the model gave {what}", where=info.spec, fix=fix)
