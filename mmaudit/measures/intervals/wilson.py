"""Wilson's score interval of a rate: honest at 0, at 1 and for few samples.

References:
    Wilson 1927, "Probable inference, the law of succession, and statistical inference",
    doi:10.1080/01621459.1927.10502953
"""

import math

from scipy.special import ndtri

from mmaudit.rows import Estimate


def wilson(successes: int, n: int, level: float = 0.95) -> Estimate:
    """A share with its score interval.

    Args:
        successes: How many of the ``n`` are counted.
        n: How many were looked at, at least 1.
        level: Two-sided coverage.

    Raises:
        ValueError: ``n`` is not positive or ``successes`` not in 0 … n.

    Example:
        >>> print(wilson(2, 3))
        0.667 [0.208, 0.939]
        >>> print(wilson(0, 100))
        0.000 [0.000, 0.037]
    """
    if n < 1 or not 0 <= successes <= n:
        raise ValueError(f"{successes} of {n} is not a rate")
    share, z2 = successes / n, float(ndtri(0.5 + level / 2)) ** 2
    centre = (share + z2 / (2 * n)) / (1 + z2 / n)
    half = math.sqrt(z2 * (share * (1 - share) / n + z2 / (4 * n * n))) / (1 + z2 / n)
    low = 0.0 if successes == 0 else max(0.0, centre - half)
    high = 1.0 if successes == n else min(1.0, centre + half)
    return Estimate(share, min(low, share), max(high, share), n)
