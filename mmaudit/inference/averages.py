"""Averages of a model's answers over several ways to fill what is absent."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mmaudit.arrays import Scores
from mmaudit.models.base import Output

# number of a question, and its rows, to the answer with one of the fillers, by the filler's number
Prepare = Callable[[int, NDArray[np.int64]], Callable[[int], Scores]]
TINY = np.finfo(np.float32).tiny


def averaged(
    prepare: Prepare, absent: Sequence[NDArray[np.bool_]], k: int, output: Output
) -> list[Scores]:
    """Answer several questions about the same samples, each as the mean over ``k`` fillers.

    All are asked with one filler before the next is put in, so that they can share it. Samples of
    which nothing is absent are asked about once.

    Args:
        prepare: Makes ready to ask a question about some rows, with the fillers in order.
        absent: Whether anything of each sample is absent, ``(n,)`` for each question.
        k: How many fillers there are.
        output: What the answers are; logits are averaged as probabilities, and given back as the
            logarithms of the averages.
    """
    once = [k == 1 or not gone.any() for gone in absent]
    rows = [np.arange(gone.size) for gone in absent]
    means: dict[int, NDArray[np.float64]] = {}
    asks = {j: prepare(j, rows[j][gone]) for j, gone in enumerate(absent) if not once[j]}
    for i in range(k if asks else 0):
        for j, ask in asks.items():
            answers = np.asarray(ask(i))
            if i == 0:
                means[j] = np.zeros(answers.shape)
            means[j] += certain(answers, output)
    out = []
    for j, gone in enumerate(absent):
        if once[j]:
            out.append(prepare(j, rows[j])(0))
            continue
        mean = means[j] / k
        if output in {"logits", "label_logits"}:
            mean = np.log(np.maximum(mean, TINY))
        if output == "label_logits":
            mean -= np.log(np.maximum(1 - means[j] / k, TINY))
        joined = np.empty((gone.size, *mean.shape[1:]), np.float32)
        joined[gone] = mean
        if not gone.all():
            joined[~gone] = prepare(j, rows[j][~gone])(0)
        out.append(joined)
    return out


def certain(answers: NDArray[Any], output: Output) -> NDArray[Any]:
    """Answers, those that are logits as probabilities."""
    if output == "logits":
        return softmax(answers.astype(np.float64))
    return sigmoid(answers.astype(np.float64)) if output == "label_logits" else answers


def sigmoid(logits: NDArray[np.float64]) -> NDArray[np.float64]:
    """Probabilities of each label by itself from logits."""
    return 0.5 * (1 + np.tanh(logits / 2))


def mean_of_shares(shares: Sequence[Scores]) -> NDArray[np.floating]:
    """The answer with all donors, from those with each share of them, all of one shape."""
    if len(shares) == 1:
        return shares[0]
    return np.mean(shares, axis=0, dtype=np.float64)


def without_each(shares: Sequence[Scores]) -> list[NDArray[np.floating]]:
    """The answer with all donors but those of one share, for each share; of one share itself."""
    if len(shares) == 1:
        return [shares[0]]
    total = np.sum(shares, axis=0, dtype=np.float64)
    return [(total - share) / (len(shares) - 1) for share in shares]


def softmax(logits: NDArray[np.float64]) -> NDArray[np.float64]:
    """Probabilities from logits, ``(n, class)``."""
    shifted = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return shifted / shifted.sum(axis=-1, keepdims=True)
