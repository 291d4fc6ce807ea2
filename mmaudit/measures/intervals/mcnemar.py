"""McNemar's exact test: are two models right equally often, seen on the same samples?

References:
    McNemar 1947, doi:10.1007/BF02295996; the exact binomial form
"""

from scipy.special import bdtr


def mcnemar(only_first: int, only_second: int) -> float:
    """Two-sided p-value.

    Args:
        only_first: Samples that only the first is right about.
        only_second: Samples that only the second is right about.

    Example:
        >>> mcnemar(9, 1)
        0.021484375
    """
    both = only_first + only_second
    if not both:
        return 1.0
    return min(1.0, 2.0 * float(bdtr(min(only_first, only_second), both, 0.5)))
