"""Measures of numbers under the bootstrap: MAE, RMSE and Spearman's rank correlation.

References:
    Spearman 1904, "The proof and measurement of association between two things",
    doi:10.2307/1412159; ties get the mean of their ranks
"""

import math
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from mmaudit.arrays import Ints
from mmaudit.bounds import correlations
from mmaudit.bounds.unseen import STILL, size
from mmaudit.kernels import kernel
from mmaudit.measures.intervals.bootstrap import REPLICATES, groups_of, replicate, replicated_means
from mmaudit.measures.intervals.evidence import By, Mean, Root
from mmaudit.measures.intervals.replicates import Replicates
from mmaudit.measures.tasks.base import NumberAnswers, Task
from mmaudit.rows import Metric

TASK: Task = "number"
METRICS = {
    "mae": Metric("mean absolute error", "", "lower", 0.0),
    "rmse": Metric("root of the mean squared error", "", "lower", 0.0),
    "spearman": Metric("rank correlation of answer and truth", "", "higher", -1.0, 1.0),
}
_LOW = 0xFFFFFFFF


def measure(
    answers: NumberAnswers, keys: NDArray[np.uint64], replicates: int = REPLICATES
) -> dict[str, Replicates]:
    """Every measure of one condition, over one set of weights.

    Args:
        answers: Answers of ``n`` samples, at least one.
        keys: Key of each sample's unit, ``(n,)``.
        replicates: How many draws.

    Returns:
        ``mae`` and ``rmse`` in the unit of the truth; ``spearman`` in -1 … 1, left out where the
        truth or the answers are all equal, since it is then not defined.

    Raises:
        ValueError: Shapes do not agree, there are no samples, or a number is not finite.

    Example:
        >>> from mmaudit.measures.intervals.bootstrap import unit_keys
        >>> truth, keys = np.arange(40.0), unit_keys(0, [str(i) for i in range(40)])
        >>> print(measure(NumberAnswers(truth, truth + 0.5), keys)["mae"].estimate())
        0.500 [0.500, 0.500]
    """
    truth, answered = answers.truth, answers.answers
    if not truth.size or not truth.shape == answered.shape == keys.shape:
        raise ValueError(f"{truth.shape} numbers, {answered.shape} answers, {keys.shape} keys")
    error = answered.astype(np.float64) - truth.astype(np.float64)
    points, draws, n = replicated_means(
        np.stack([np.abs(error), error * error], axis=1), keys, replicates
    )
    groups = groups_of(keys)
    span = float(np.ptp(np.concatenate([truth, answered])))
    absolute, square = (
        Mean(np.abs(error) ** k, groups, 0.0, math.inf, None, (0.0, span**k), (STILL * span) ** k)
        for k in (1, 2)
    )
    bounds = METRICS["mae"].bounds
    root = np.sqrt(draws[:, 1])
    out = {
        "mae": Replicates(float(points[0]), draws[:, 0], n, bounds, evidence=absolute),
        "rmse": Replicates(math.sqrt(points[1]), root, n, bounds, evidence=Root(square)),
    }
    order = spearman(truth, answered, keys, replicates)
    return out if math.isnan(order.point) else out | {"spearman": order}


def spearman(
    a: NDArray[np.floating],
    b: NDArray[np.floating],
    keys: NDArray[np.uint64],
    replicates: int = REPLICATES,
) -> Replicates:
    """Rank correlation of two columns ``(n,)``; NaN where one of them is constant.

    Its interval is that of Fisher's z, as of `mmaudit.bounds.correlations`.
    """
    columns = (_codes(a), _codes(b))

    def statistics(drawn: NDArray[np.uint8]) -> NDArray[np.float64]:
        return _rank_correlation(drawn, *columns)[:, None]

    points, draws, n = replicate(statistics, keys, replicates)
    plain = ranked(float(points[0]), draws[:, 0], n, keys.size)
    if not isinstance(plain.evidence, By):
        return plain
    groups = groups_of(keys)
    answers = Mean(b, groups, -math.inf, math.inf, still=STILL * float(np.ptp(b)))
    evidence = By(plain.evidence.function, lambda units: units * _reach(*columns, groups), answers)
    return replace(plain, evidence=evidence)


def _reach(a: NDArray[np.int64], b: NDArray[np.int64], groups: Ints | None) -> float:
    """How far the rank correlation falls at most by a unit whose answers turn from best to worst.

    An answer that moves by m ranks moves m others by one. With the truth at the top or the bottom,
    and all of the way, the sum of products of ranks about their means falls by n (n - 1) / 2; of
    n (n^2 - 1) / 12 without ties, which is 6 / (n + 1) of the correlation.
    """
    n = a.size
    every = np.ones(n, np.uint8)
    spread = math.prod(
        math.sqrt(float((_doubled_ranks(every, x)[x].astype(np.float64) ** 2).sum()) / 4)
        for x in (a, b)
    )
    return size(n, groups) * n * (n - 1) / 2 / spread


def ranked(value: float, draws: NDArray[np.float64], units: int, rows: int) -> Replicates:
    """A rank correlation with the interval of Fisher's z.

    Args:
        value: The correlation; NaN where it is not defined.
        draws: The correlation in draws of units, ``(draw,)``.
        units: How many samples, or groups of samples, there are.
        rows: How many samples.
    """
    bounds = METRICS["spearman"].bounds
    if not math.isfinite(value):
        return Replicates(value, draws, units, bounds)

    def ends(tail: float) -> tuple[float, float]:
        drawn = correlations.ends_by_draws(value, draws, units, tail)
        if units < rows:
            return drawn
        plain = correlations.ends(value, units, tail)
        return min(plain[0], drawn[0]), max(plain[1], drawn[1])

    return Replicates(value, draws, units, bounds, evidence=By(ends))


def _codes(values: NDArray[np.floating]) -> NDArray[np.int64]:
    """Each value's place among the distinct values, ``(n,)``: all that ranks depend on."""
    return np.unique(values, return_inverse=True)[1].astype(np.int64)


@kernel
def _doubled_ranks(weights: NDArray[np.uint8], codes: NDArray[np.int64]) -> NDArray[np.int64]:
    """Twice the mean rank of each distinct value, minus its average over rows: integers."""
    counts = np.zeros(codes.max() + 1, np.int64)
    for i in range(codes.size):
        counts[codes[i]] += np.int64(weights[i])
    below = 0
    total = counts.sum()
    for k in range(counts.size):
        here = counts[k]
        counts[k] = 2 * below + here - total
        below += here
    return counts


@kernel
def _rank_correlation(
    drawn: NDArray[np.uint8], a: NDArray[np.int64], b: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Pearson's correlation of weighted ranks, ``(replicate,)``.

    The three sums of products are kept as high and low halves of 32 bits, which are exact and so
    do not depend on the order of the rows.
    """
    out = np.full(drawn.shape[0], np.nan)
    for r in range(drawn.shape[0]):
        ranks_a, ranks_b = _doubled_ranks(drawn[r], a), _doubled_ranks(drawn[r], b)
        high, low = np.zeros(3, np.int64), np.zeros(3, np.int64)
        for i in range(a.size):
            weight = np.int64(drawn[r, i])
            x, y = ranks_a[a[i]], ranks_b[b[i]]
            products = (x * x, y * y, x * y)
            for t in range(3):
                high[t] += weight * (products[t] >> 32)
                low[t] += weight * (products[t] & _LOW)
        sums = high * 2.0**32 + low
        if sums[0] > 0 and sums[1] > 0:
            out[r] = sums[2] / math.sqrt(sums[0] * sums[1])
    return out
