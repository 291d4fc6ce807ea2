"""Ties: which methods cannot be told apart, of many that judge the same samples with several seeds.

On one dataset there are no ranks to compare as over many (Demšar 2006); what can be told is whether
two methods differ on samples like these and seeds like these. Every pair has the crossed error of
`crossed`, the mean square of seeds pooled over pairs, and the correction of all pairs at once, so
that of methods that are all alike few families have any two that are said to differ.

References:
    Demšar 2006, "Statistical Comparisons of Classifiers over Multiple Data Sets", JMLR 7 (bars that
    join what is not told apart); Owen 2007, doi:10.1214/07-AOAS122; Bonferroni over pairs
"""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from mmaudit.arrays import Floats
from mmaudit.measures.intervals.crossed import FAR, MeanSquares, standard_error


def apart(
    scores: Mapping[str, Floats], families: int = 1, level: float = 0.95
) -> NDArray[np.bool_]:
    """Which pairs of methods are told apart, ``(method, method)``.

    Args:
        scores: Of each method, ``(seed, sample)``: at least two of each.
        families: How many such families are judged at once.
        level: Chance that no two methods that are alike are told apart, in any family.
    """
    count = len(scores)
    out = np.zeros((count, count), np.bool_)
    if count < 2:
        return out
    means = np.array([score.mean() for score in scores.values()])
    shape = next(iter(scores.values())).shape
    first, second = np.triu_indices(count, 1)
    pairs = [
        MeanSquares(*map(float, each))
        for each in zip(*(square[first, second] for square in _squares(scores)), strict=True)
    ]
    pooled = float(np.mean([own.seeds for own in pairs]))
    tail = (1 - level) / (2 * len(pairs) * families)
    for i, j, own in zip(first, second, pairs, strict=True):
        far = own.seeds > FAR * pooled
        freedom = (shape[0] - 1) * (1.0 if far else max(1.0, (count - 1) / 2))
        error, total = standard_error(own, own.seeds if far else pooled, freedom, shape)
        out[i, j] = out[j, i] = abs(means[i] - means[j]) > stats.t.ppf(1 - tail, total) * error
    return out


def runs(order: Sequence[int], separate: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Longest stretches of an order in which no two are told apart: first and last place of each.

    Args:
        order: Methods, by their numbers, the best first.
        separate: Which pairs are, ``(method, method)``.

    Example:
        >>> runs([0, 1, 2], np.array([[0, 0, 1], [0, 0, 0], [1, 0, 0]], bool))
        [(0, 1), (1, 2)]
    """
    out: list[tuple[int, int]] = []
    for start in range(len(order)):
        end = start
        while end + 1 < len(order) and not separate[order[end + 1], order[start : end + 1]].any():
            end += 1
        if not out or end > out[-1][1]:
            out.append((start, end))
    return out


def _squares(scores: Mapping[str, Floats]) -> tuple[Floats, Floats, Floats]:
    """Mean squares of seeds, samples and the rest of every difference, ``(method, method)``."""
    (s, n), every = next(iter(scores.values())).shape, list(scores.values())
    mean = np.array([[d.mean()] for d in every])
    by_seed = np.stack([d.mean(1) for d in every]) - mean
    by_sample = np.stack([d.mean(0) for d in every]) - mean
    rest = np.zeros((len(every), len(every)))
    for k in range(s):  # one seed in memory at a time
        own = np.stack([d[k] for d in every]) - mean - by_sample - by_seed[:, k : k + 1]
        rest += own @ own.T
    return (
        _of_differences(by_seed @ by_seed.T) * n / (s - 1),
        _of_differences(by_sample @ by_sample.T) * s / (n - 1),
        _of_differences(rest) / ((s - 1) * (n - 1)),
    )


def _of_differences(products: Floats) -> Floats:
    """Squares of differences, from the products of all with all."""
    own = np.diag(products)
    return np.maximum(own[:, None] + own[None] - 2 * products, 0)
