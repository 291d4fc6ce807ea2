"""Averages of a model's answers over several ways to fill what is absent."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from mmaudit.models.base import Output

# rows to the question about them, which takes the filler's number
Prepare = Callable[[NDArray[np.int64]], Callable[[int], NDArray[np.float32]]]
TINY = np.finfo(np.float32).tiny


def averaged(
    prepare: Prepare, absent: NDArray[np.bool_], k: int, output: Output
) -> NDArray[np.float32]:
    """Answer for all samples: once where nothing is absent, else the mean over ``k`` fillers.

    Args:
        prepare: Makes ready to ask about some rows, with one of the fillers after the other.
        absent: Whether anything of each sample is absent, ``(n,)``.
        k: How many fillers there are.
        output: What the answers are; logits are averaged as probabilities, and given back as the
            logarithms of the averages.
    """
    every = np.arange(absent.size)
    if k == 1 or not absent.any():
        return prepare(every)(0)
    ask = prepare(every[absent])
    total: NDArray[np.float64] | None = None
    for i in range(k):
        given = np.asarray(ask(i))
        total = np.zeros(given.shape) if total is None else total
        total += softmax(given.astype(np.float64)) if output == "logits" else given
    means = np.asarray(total) / k
    if output == "logits":
        means = np.log(np.maximum(means, TINY))
    out = np.empty((absent.size, *means.shape[1:]), np.float32)
    out[absent] = means
    if not absent.all():
        out[~absent] = prepare(every[~absent])(0)
    return out


def softmax(logits: NDArray[np.float64]) -> NDArray[np.float64]:
    """Probabilities from logits, ``(n, class)``."""
    shifted = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return shifted / shifted.sum(axis=-1, keepdims=True)
