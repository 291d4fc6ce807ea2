"""Calibration error: a bracket around a number that is biased upward.

The plug-in estimate of a mean of absolute gaps is too large by what the noise of each bin adds: by
nothing where the gaps are large, and by sqrt(2 / pi) standard errors a bin where they are 0. The
lower end allows for the worst of both: bins without a gap, whose noise is half normal, beside bins
with large ones. The upper end is Gaffke's of the gaps, each with the sign of its bin, less a part
of what noise is estimated to have added.

References:
    Kumar, Liang, Ma 2019, "Verified uncertainty calibration", arXiv:1909.10155 (the bias); the
    bracket is ours, held by simulation in `docs/gate_error.md`
"""

import math
from typing import NamedTuple

import numpy as np

from mmaudit.arrays import Floats, Ints
from mmaudit.bounds.means import TAIL, bounded, upper

PRIOR, PRIOR_VARIANCE = 2.0, 0.25  # samples that are added to each bin, and their variance
HALF_MEAN = math.sqrt(2 / math.pi)  # of the absolute value of a standard normal
HALF_VARIANCE = 1 - HALF_MEAN**2
HALF_THIRD = HALF_MEAN * (4 / math.pi - 1)  # its third central moment
LESS = 0.4  # of the estimated noise is taken off the upper end; with more of it the end errs


class Bracket(NamedTuple):
    """A calibration error, and what it may be.

    Attributes:
        value: The plug-in error.
        low: The lower end.
        high: The upper end.
        least: The error less the most that noise is expected to add to it; the rest of the way to
            the lower end is chance.
        most: The error less what is taken off the upper end, likewise.
    """

    value: float
    low: float
    high: float
    least: float
    most: float


def bracket(
    gaps: Floats, bins: Ints, count: int, tail: float = TAIL, groups: Ints | None = None
) -> Bracket:
    """Plug-in calibration error and its interval.

    Args:
        gaps: Whether each answer was right, minus its confidence, ``(sample,)``.
        bins: Bin of each sample by confidence, ``(sample,)``, from 0.
        count: How many bins there are.
        tail: Error on each side.
        groups: Number of each sample's group, ``(sample,)``; groups vary as a whole.

    Returns:
        The error and the two ends, all in [0, 1].
    """
    order = np.lexsort((gaps, bins) if groups is None else (gaps, bins, groups))
    gaps, bins = gaps[order], bins[order]  # so that sums are the same in any order
    groups = groups if groups is None else groups[order]
    n = np.bincount(bins, minlength=count).astype(np.float64)
    sums = np.bincount(bins, gaps, count).astype(np.float64)
    value = float(np.abs(sums).sum() / gaps.size)
    mean = np.divide(sums, n, out=np.zeros(count), where=n > 0)
    squares, size = _squares(gaps - mean[bins], bins, count, groups)
    units = np.maximum(n / size, 1.0)
    # variance of a bin's sum, as of `units` units with two more of the prior's
    variance = (squares + PRIOR * PRIOR_VARIANCE * size**2) * units
    variance = np.where(n > 0, variance / (np.maximum(units - 1, 0) + PRIOR), 0.0)
    predicted = np.bincount(bins, np.abs(gaps) * (1 - np.abs(gaps)), count)
    more, chance = _noise(np.sqrt(np.maximum(variance, predicted)) / gaps.size, tail)
    signs = np.where(sums < 0, -1.0, 1.0)
    high = upper(bounded(signs[bins] * gaps, -1.0, 1.0, groups), tail)
    less = LESS * float(_added(sums, np.sqrt(variance)).sum()) / gaps.size
    low, high = max(0.0, value - more - chance), min(max(high - less, value), 1.0)
    return Bracket(value, low, high, max(0.0, value - more), value - less)


def _noise(errors: Floats, tail: float) -> tuple[float, float]:
    """The most by which a sum of absolute gaps is too large: for any number of gaps that are 0.

    The sum of half normals is approximated by Cornish and Fisher's expansion.

    Args:
        errors: Standard error of each bin's part of the sum, ``(bin,)``.
        tail: How often it may be larger.

    Returns:
        What is expected where no bin has a gap, and how much more it may be.
    """
    from statistics import NormalDist  # noqa: PLC0415  only where a number is needed

    z, errors = NormalDist().inv_cdf(1 - tail), np.sort(errors[errors > 0])
    if not errors.size:
        return 0.0, 0.0
    # the smallest bins have no gap, and the others a large one
    first, second, third = (np.cumsum(errors**k) for k in (1, 2, 3))
    spread = HALF_VARIANCE * second + (second[-1] - second)
    lean = (z * z - 1) / 6 * HALF_THIRD * third / spread
    most = float((HALF_MEAN * first + z * np.sqrt(spread) + lean).max())
    expected = HALF_MEAN * float(first[-1])
    return expected, max(most - expected, 0.0)


def _added(sums: Floats, errors: Floats) -> Floats:
    """How much noise adds to the absolute values of sums that are the truth, ``(bin,)``."""
    from scipy.special import ndtr  # noqa: PLC0415  the gate decides by tails alone

    some = errors > 0
    t = np.divide(np.abs(sums), errors, out=np.zeros(sums.size), where=some)
    more = HALF_MEAN * np.exp(-t * t / 2) - 2 * t * ndtr(-t)
    return np.where(some, errors * more, 0.0)


def _squares(rest: Floats, bins: Ints, count: int, groups: Ints | None) -> tuple[Floats, float]:
    """Sum of squares of a unit's deviations in each bin ``(bin,)``, and samples of a unit."""
    if groups is None:
        return np.asarray(np.bincount(bins, rest**2, count), np.float64), 1.0
    members = np.bincount(groups).astype(np.float64)
    size = float((members**2).sum() / members.sum())
    sums = np.bincount(groups * count + bins, rest, members.size * count).reshape(-1, count)
    return (sums**2).sum(axis=0), size
