"""Checks of what a model answers: shapes, finite numbers, probabilities, rows on their own."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mmaudit.errors import InputError
from mmaudit.inference.averages import certain
from mmaudit.inference.ranges import check_range, which, wrong
from mmaudit.models.base import ModelInfo


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
        Probabilities ``(n, class)`` (also of logits), numbers ``(n,)``, or embeddings
        ``(n, modality, d)``, float32.

    Raises:
        InputError: The shape is another one, something is not finite, or probabilities are
            negative or do not sum to 1 within 1e-4, or within `tolerance` where it is more; or
            logits of two samples or more are probabilities, all of them.
    """
    answers = _array(scores, info)
    if answers.dtype.kind not in "fiub":
        raise wrong(f"answers of type {answers.dtype}", "numbers, as float32", info)
    answers = _shaped(answers, n, info)
    bad = ~np.isfinite(answers).reshape(n, -1).all(axis=1)
    if bad.any():
        raise wrong(
            f"an answer that is not finite, for {which(bad, names)}",
            "look at what the model does with that sample",
            info,
        )
    check_range(answers, info, names)
    return certain(answers, info.output).astype(np.float32)


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
    if isinstance(scores, Mapping | tuple):
        names = scores if isinstance(scores, Mapping) else range(len(scores))
        raise wrong(
            f"several outputs: {_some([*map(str, names)])}",
            "add ,output_name= and one of them, or return that one alone",
            info,
        )
    try:
        return np.asarray(scores)
    except (ValueError, TypeError, RuntimeError) as error:
        reason = str(error).splitlines()[0]
        kind = type(scores).__name__
        raise wrong(f"a {kind} that is no array: {reason}", "a NumPy array", info) from error


def _shaped(answers: NDArray[Any], n: int, info: ModelInfo) -> NDArray[Any]:
    if info.output == "values":
        if answers.shape not in {(n,), (n, 1)}:
            raise wrong(f"answers of shape {answers.shape}", f"({n},) or ({n}, 1)", info)
        return answers.reshape(n)
    if info.output == "embeddings":
        if answers.ndim != 3 or answers.shape[:2] != (n, len(info.modalities)):
            raise wrong(
                f"answers of shape {answers.shape}", f"({n}, {len(info.modalities)}, d)", info
            )
        return answers
    wanted = (n, len(info.classes or ()))
    if answers.shape != wanted:
        raise wrong(f"answers of shape {answers.shape}", f"{wanted}, one column a class", info)
    return answers
