"""Fingerprints of series: those of vectors, of the means of a few stretches of each channel.

Stretches are shares of the whole, so that series need not be as long as each other. What the means
do not say is compared at last: copies go together step by step, too.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from functools import partial

import numpy as np

from mmaudit.arrays import Floats, Series, Vector
from mmaudit.fingerprints import vector
from mmaudit.fingerprints.base import Fingerprint

STRETCHES = 32
SHORTEST = 8  # steps
MOST_STEPS = 4_096  # that are compared
ALIKE = 0.995  # correlation of copies, step by step: noise of a tenth of the spread leaves as much


def learn(series: Sequence[Series], count: int) -> Fingerprint:
    """The fingerprint of a dataset.

    Args:
        series: Some of its series, ``(time, channel)`` each.
        count: How many there are in all.
    """
    rows = [_means(one) for one in series if _usable(one)]
    width = max(Counter(row.size for row in rows).items(), key=lambda c: (c[1], c[0]), default=(0,))
    usual = [row for row in rows if row.size == width[0]]
    return _fingerprint(vector.learn(usual, count))


def take(means: Fingerprint, series: Series, rate: float) -> bytes | None:
    """That of the means; None where a series is too short, or has other channels than most."""
    return means.take(_means(series), rate) if _usable(series) else None


def same(means: Fingerprint, first: Series, _first: float, second: Series, _second: float) -> bool:
    """Whether the means are as near as those of copies, and the steps go together."""
    if not means.same(_means(first), 0.0, _means(second), 0.0):
        return False
    steps = min(max(len(first), len(second)), MOST_STEPS)
    one, other = (_steps(each, steps) for each in (first, second))
    size = float(np.linalg.norm(one) * np.linalg.norm(other))
    return bool(size > 0 and float((one * other).sum()) >= ALIKE * size)


def _usable(series: Series) -> bool:
    return len(series) >= SHORTEST and bool(np.isfinite(series).all())


def _means(series: Series) -> Vector:
    """Mean of each stretch of each channel, ``(STRETCHES * channel,)``."""
    so_far = np.concatenate([np.zeros((1, series.shape[1])), np.cumsum(series, 0, np.float64)])
    edges = np.linspace(0, len(series), STRETCHES + 1)
    at = np.stack([np.interp(edges, np.arange(len(so_far)), c) for c in so_far.T], axis=1)
    return np.asarray(np.diff(at, axis=0) * (STRETCHES / len(series)), np.float32).ravel()


def _steps(series: Series, count: int) -> Floats:
    """Each channel at so many times, around its mean, ``(count, channel)``."""
    middles = (np.arange(count) + 0.5) * len(series) / count - 0.5
    channels = [np.interp(middles, np.arange(len(series)), c) for c in series.T]
    return np.asarray(np.stack([c - c.mean() for c in channels], axis=1))


def _fingerprint(means: Fingerprint) -> Fingerprint:
    return replace(
        means,
        take=partial(take, means),
        same=partial(same, means),
        learn=learn,
        finds="the same series rounded, with noise of 1 % or less, or times a factor, where other "
        "series of the dataset are farther apart",
        source="as for vectors, of means of stretches: Keogh, Chakrabarti, Pazzani, Mehrotra 2001, "
        "doi:10.1007/PL00011669 (piecewise aggregate approximation)",
    )


FINGERPRINT = _fingerprint(vector.FINGERPRINT)
