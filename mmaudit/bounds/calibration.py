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

PRIOR, PRIOR_VARIANCE = 2.0, 0.25  # samples that are added to each bin, and their variance


def bracket(
    gaps: Floats, bins: Ints, count: int, tail: float = TAIL, groups: Ints | None = None
) -> tuple[float, float, float]:
    """Plug-in calibration error and its interval.

    Args:
        gaps: Whether each answer was right, minus its confidence, ``(sample,)``.
        bins: Bin of each sample by confidence, ``(sample,)``, from 0.
        count: How many bins there are.
        tail: Error on each side.
        groups: Number of each sample's group, ``(sample,)``; groups vary as a whole.

    Returns:
        The error, and the two ends, all in [0, 1].
    """
    from statistics import NormalDist  # noqa: PLC0415  only where a number is needed

    order = np.lexsort((gaps, bins) if groups is None else (gaps, bins, groups))
    gaps, bins = gaps[order], bins[order]  # so that sums are the same in any order
    groups = groups if groups is None else groups[order]
    n = np.bincount(bins, minlength=count).astype(np.float64)
    sums = np.bincount(bins, gaps, count)
    value = float(np.abs(sums).sum() / gaps.size)
    mean = np.divide(sums, n, out=np.zeros(count), where=n > 0)
    squares, size = _squares(gaps - mean[bins], bins, count, groups)
    units = np.maximum(n / size, 1.0)
    # variance of a bin's sum, as of `units` units with two more of the prior's
    variance = (squares + PRIOR * PRIOR_VARIANCE * size**2) * units
    variance = np.where(n > 0, variance / (np.maximum(units - 1, 0) + PRIOR), 0.0)
    bias = math.sqrt(2 / math.pi) * float(np.sqrt(variance).sum()) / gaps.size
    half = NormalDist().inv_cdf(1 - tail) * math.sqrt(float(variance.sum())) / gaps.size
    return value, max(0.0, value - bias - half), min(1.0, value + half)


def _squares(rest: Floats, bins: Ints, count: int, groups: Ints | None) -> tuple[Floats, float]:
    """Sum of squares of a unit's deviations in each bin ``(bin,)``, and samples of a unit."""
    if groups is None:
        return np.asarray(np.bincount(bins, rest**2, count), np.float64), 1.0
    members = np.bincount(groups).astype(np.float64)
    size = float((members**2).sum() / members.sum())
    sums = np.bincount(groups * count + bins, rest, members.size * count).reshape(-1, count)
    return (sums**2).sum(axis=0), size
