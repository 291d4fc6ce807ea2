"""Levels: how many pixels a picture has at each level of brightness, and what that says."""

import math

import numpy as np

from mmaudit.arrays import Ints, Pixels
from mmaudit.kernels import kernel

LEVELS = 256


@kernel
def counts(values: Pixels) -> Ints:
    """How many values ``(n,)`` there are of each level; four counts, for neighbours are alike."""
    several = np.zeros((4, LEVELS), np.int64)
    for i in range(len(values)):
        several[i % 4, values[i]] += 1
    return several.sum(0)


@kernel
def deviation(counts: Ints) -> float:
    """Standard deviation of the levels, to the bit that of OpenCV's ``meanStdDev``."""
    n, total, squares = 0, 0, 0
    for level in range(LEVELS):
        n += counts[level]
        total += counts[level] * level
        squares += counts[level] * level**2
    share = 1 / n
    mean = total * share
    return math.sqrt(max(squares * share - mean * mean, 0.0))


@kernel
def quantile(counts: Ints, share: float) -> int:
    """The least level that at least a share of the pixels does not exceed."""
    least, so_far = (share - 1e-12) * counts.sum(), 0
    for level in range(LEVELS):
        so_far += counts[level]
        if so_far >= least:
            return level
    return LEVELS - 1


@kernel
def bits(counts: Ints) -> float:
    """Entropy of the levels, in bits."""
    total, n = 0.0, counts.sum()
    for count in counts:
        if count:
            total -= count / n * math.log2(count / n)
    return max(total, 0.0)


@kernel
def most_within(counts: Ints, width: int) -> int:
    """Pixels of the most frequent levels among some that follow each other."""
    most = within = 0
    for level in range(LEVELS):
        within += counts[level]
        if level >= width:
            within -= counts[level - width]
        most = max(most, within)
    return most
