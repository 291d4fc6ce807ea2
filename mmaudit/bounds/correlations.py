"""Rank correlations: Fisher's z with the error of a rank correlation.

References:
    Bonett and Wright 2000, "Sample size requirements for estimating Pearson, Kendall and Spearman
    correlations", doi:10.1007/BF02294183
"""

import math

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
    most = 1 - 2 / samples**2  # a correlation of 1 has an infinite z
    r = min(max(value, -most), most)
    half = NormalDist().inv_cdf(1 - tail) * math.sqrt((1 + r * r / 2) / (samples - 3))
    return math.tanh(math.atanh(r) - half), math.tanh(math.atanh(r) + half)
