"""Rank correlations: Fisher's z with the error of a rank correlation.

The error is the spread of Fisher's z over bootstrap draws, with Student's t. Of samples that stand
alone it is at least Bonett and Wright's; groups vary as a whole, and have that of their draws.

References:
    Bonett and Wright 2000, "Sample size requirements for estimating Pearson, Kendall and Spearman
    correlations", doi:10.1007/BF02294183
"""

import math

import numpy as np

from mmaudit.arrays import Floats
from mmaudit.bounds.means import TAIL

FEWEST = 20


def ends(value: float, samples: int, tail: float = TAIL) -> tuple[float, float]:
    """Interval of Spearman's correlation; -1 to 1 below 20 samples.

    Example:
        >>> low, high = ends(0.5, 100)
        >>> round(low, 3), round(high, 3)
        (0.326, 0.641)
    """
    from statistics import NormalDist  # noqa: PLC0415  only where a number is needed

    if samples < FEWEST:
        return -1.0, 1.0
    r = _inside(value, samples)
    half = NormalDist().inv_cdf(1 - tail) * math.sqrt((1 + r * r / 2) / (samples - 3))
    return math.tanh(math.atanh(r) - half), math.tanh(math.atanh(r) + half)


def ends_by_draws(
    value: float, draws: Floats, units: int, tail: float = TAIL
) -> tuple[float, float]:
    """Interval of a correlation by its draws; -1 to 1 below 20 units.

    Args:
        value: The correlation.
        draws: The correlation in draws of units, ``(draw,)``; NaN where it is not defined.
        units: How many samples, or groups of samples, there are.
        tail: Error on each side.
    """
    from scipy.special import stdtrit  # noqa: PLC0415  quantile of Student's t

    some = draws[np.isfinite(draws)]
    if units < FEWEST or some.size < draws.size / 2:
        return -1.0, 1.0
    most = _inside(1.0, units)
    spread = float(np.arctanh(np.clip(some, -most, most)).std())
    half = float(stdtrit(units - 1, 1 - tail)) * (spread or 1 / math.sqrt(units))
    z = math.atanh(_inside(value, units))
    return math.tanh(z - half), math.tanh(z + half)


def _inside(value: float, units: int) -> float:
    """The correlation, so far from 1 and -1 that its z is finite."""
    most = 1 - 2 / units**2
    return min(max(value, -most), most)
