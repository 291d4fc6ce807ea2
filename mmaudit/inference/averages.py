"""Averages of a model's answers over several ways to fill what is absent."""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from mmaudit.models.base import Output

Answers = NDArray[np.float32]
# number of a question, and its rows, to the answer with one of the fillers, by the filler's number
Prepare = Callable[[int, NDArray[np.int64]], Callable[[int], Answers]]
TINY = np.finfo(np.float32).tiny


def averaged(
    prepare: Prepare, absent: Sequence[NDArray[np.bool_]], k: int, output: Output
) -> list[Answers]:
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
            given = np.asarray(ask(i))
            if i == 0:
                means[j] = np.zeros(given.shape)
            means[j] += softmax(given.astype(np.float64)) if output == "logits" else given
    out = []
    for j, gone in enumerate(absent):
        if once[j]:
            out.append(prepare(j, rows[j])(0))
            continue
        mean = means[j] / k
        if output == "logits":
            mean = np.log(np.maximum(mean, TINY))
        told = np.empty((gone.size, *mean.shape[1:]), np.float32)
        told[gone] = mean
        if not gone.all():
            told[~gone] = prepare(j, rows[j][~gone])(0)
        out.append(told)
    return out


def softmax(logits: NDArray[np.float64]) -> NDArray[np.float64]:
    """Probabilities from logits, ``(n, class)``."""
    shifted = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return shifted / shifted.sum(axis=-1, keepdims=True)
