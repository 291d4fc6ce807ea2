"""A rate with Clopper and Pearson's interval, which errs on neither side more than it says.

References:
    Clopper and Pearson 1934, doi:10.1093/biomet/26.4.404
"""

from mmaudit.bounds import shares
from mmaudit.rows import Estimate


def proportion(successes: int, n: int, level: float = 0.95) -> Estimate:
    """A share with its exact interval.

    Args:
        successes: How many of the ``n`` are counted.
        n: How many were looked at, at least 1.
        level: Two-sided coverage.

    Raises:
        ValueError: ``n`` is not positive or ``successes`` not in 0 … n.

    Example:
        >>> print(proportion(2, 3))
        0.667 [0.094, 0.992]
        >>> print(proportion(0, 100))
        0.000 [0.000, 0.036]
    """
    if n < 1 or not 0 <= successes <= n:
        raise ValueError(f"{successes} of {n} is not a rate")
    low, high = shares.ends(successes, n, 0.5 - level / 2)
    return Estimate(successes / n, low, high, n)
