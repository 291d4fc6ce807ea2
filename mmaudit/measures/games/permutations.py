"""Shapley values by sampled orders, for when there are too many coalitions: with error bars.

Orders are drawn for each sample by itself and each is used forwards and backwards, so that what
is early in one is late in the other. The estimate is unbiased, adds up exactly, and says its
standard error.

References:
    Castro, Gómez, Tejada 2009, doi:10.1016/j.cor.2008.04.004 (sampled orders)
    Mitchell, Cooper, Frank, Holmes 2022, "Sampling permutations for Shapley value estimation",
    arXiv:2104.12199 (antithetic orders)
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from mmaudit.rows import Metric
from mmaudit.seeds import permanent

METRICS = {
    "phi_error": Metric(
        "Monte-Carlo standard error of a sample's Shapley value", "", "lower", low=0.0
    ),
}

Evaluate = Callable[[NDArray[np.bool_]], NDArray[np.float64]]


def orders(keys: NDArray[np.uint64], modalities: int, count: int) -> NDArray[np.int64]:
    """Random orders of the modalities, ``(sample, count, modality)``, from each sample's key."""
    drawn = permanent(keys, count * modalities).reshape(keys.size, count, modalities)
    return np.argsort(drawn, axis=2, kind="stable")


def passes(modalities: int, count: int) -> int:
    """Coalitions to be evaluated for ``count`` orders, forwards and backwards, without the ends."""
    return 2 * count * (modalities - 1)


def affordable(modalities: int, budget: int) -> int:
    """How many orders a budget of passes pays for; an error bar needs at least two."""
    return budget // (2 * (modalities - 1))


def sampled(
    evaluate: Evaluate,
    drawn: NDArray[np.int64],
    nobody: NDArray[np.float64],
    everybody: NDArray[np.float64],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Estimate Shapley values.

    Args:
        evaluate: From who is there ``(sample, modality)`` to what that is worth, by one or more
            value functions, ``(sample, value)``; it is called `passes` times.
        drawn: From `orders`, at least two orders.
        nobody: Worth of the empty coalition, ``(sample, value)``.
        everybody: Worth of all, ``(sample, value)``.

    Returns:
        The values and their standard errors, each ``(sample, modality, value)``.
    """
    n, count, m = drawn.shape
    total = np.zeros((n, m, nobody.shape[1]))
    squares = np.zeros_like(total)
    for k in range(count):
        there = _walk(evaluate, drawn[:, k], nobody, everybody)
        back = _walk(evaluate, drawn[:, k, ::-1], nobody, everybody)
        gain = (there + back) / 2
        total += gain
        squares += gain * gain
    mean = total / count
    spread = np.maximum(squares / count - mean * mean, 0.0) / max(count - 1, 1)
    return mean, np.sqrt(spread)


def _walk(
    evaluate: Evaluate,
    order: NDArray[np.int64],
    nobody: NDArray[np.float64],
    everybody: NDArray[np.float64],
) -> NDArray[np.float64]:
    """What each modality adds when they arrive in this order, ``(sample, modality, value)``."""
    rows = np.arange(len(order))
    there, before = np.zeros(order.shape, bool), nobody
    gains = np.empty((*order.shape, nobody.shape[1]))
    for step in range(order.shape[1]):
        there[rows, order[:, step]] = True
        last = step == order.shape[1] - 1
        after = everybody if last else evaluate(there.copy())
        gains[rows, order[:, step]] = after - before
        before = after
    return gains
