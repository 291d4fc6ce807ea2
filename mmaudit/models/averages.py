"""Averages of a model's answers over several ways to fill what is absent."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from mmaudit.models.base import Output

Answer = Callable[[NDArray[np.int64], int], NDArray[np.float32]]  # rows, which filler
TINY = np.finfo(np.float32).tiny


def averaged(
    answer: Answer, absent: NDArray[np.bool_], k: int, output: Output
) -> NDArray[np.float32]:
    """Answer for all samples: once where nothing is absent, else the mean over ``k`` fillers.

    Args:
        answer: Answers for some rows with one of the fillers.
        absent: Whether anything of each sample is absent, ``(n,)``.
        k: How many fillers there are.
        output: What the answers are; logits are averaged as probabilities, and given back as the
            logarithms of the averages.
    """
    every = np.arange(absent.size)
    if k == 1 or not absent.any():
        return answer(every, 0)
    lacking = every[absent]
    total: NDArray[np.float64] | float = 0.0
    for i in range(k):
        given = np.asarray(answer(lacking, i), np.float64)
        total = total + (softmax(given) if output == "logits" else given)
    means = np.asarray(total) / k
    if output == "logits":
        means = np.log(np.maximum(means, TINY))
    out = np.empty((absent.size, *means.shape[1:]), np.float32)
    out[absent] = means
    if not absent.all():
        out[~absent] = answer(every[~absent], 0)
    return out


def softmax(logits: NDArray[np.float64]) -> NDArray[np.float64]:
    """Probabilities from logits, ``(n, class)``."""
    shifted = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return shifted / shifted.sum(axis=-1, keepdims=True)
