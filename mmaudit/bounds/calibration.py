"""Calibration error: a bracket around a number that is biased upward.

The plug-in estimate of a mean of absolute gaps is too large by what the noise of each bin adds: by
nothing where the gaps are large, and by at most sqrt(2 / pi) standard errors a bin where they are
0. The lower end allows for all of that, the upper one for none of it.

References:
    Kumar, Liang, Ma 2019, "Verified uncertainty calibration", arXiv:1909.10155 (the bias); the
    bracket is ours, held by simulation in `docs/gate.md`
"""

import math

import numpy as np

from mmaudit.arrays import Floats, Ints
from mmaudit.bounds.means import TAIL

FEWEST = 300
PRIOR, PRIOR_VARIANCE = 2.0, 0.25  # samples that are added to each bin, and their variance


def bracket(gaps: Floats, bins: Ints, count: int, tail: float = TAIL) -> tuple[float, float, float]:
    """Plug-in calibration error and its interval.

    Args:
        gaps: Whether each answer was right, minus its confidence, ``(sample,)``.
        bins: Bin of each sample by confidence, ``(sample,)``, from 0.
        count: How many bins there are.
        tail: Error on each side.

    Returns:
        The error, and the two ends, all in [0, 1].
    """
    from statistics import NormalDist  # noqa: PLC0415  only where a number is needed

    n = np.bincount(bins, minlength=count).astype(np.float64)
    sums = np.bincount(bins, gaps, count)
    value = float(np.abs(sums).sum() / gaps.size)
    there = n > 0
    mean = np.divide(sums, n, out=np.zeros(count), where=there)
    squares = np.bincount(bins, (gaps - mean[bins]) ** 2, count)
    free = np.maximum(n - 1, 0)
    variance = (squares + PRIOR * PRIOR_VARIANCE) / (free + PRIOR)
    error = np.sqrt(np.divide(variance, n, out=np.zeros(count), where=there))
    weight = n / gaps.size
    bias = math.sqrt(2 / math.pi) * float(weight @ error)
    half = NormalDist().inv_cdf(1 - tail) * math.sqrt(float((weight * error) @ (weight * error)))
    return value, max(0.0, value - bias - half), min(1.0, value + half)
