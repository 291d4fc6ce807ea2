"""Corrections: p-values of a family of tests, so that the family errs as seldom as one test."""

from collections.abc import Sequence


def holm(p_values: Sequence[float]) -> list[float]:
    """P-values by Holm's step-down method: those below a level err together at that level.

    Args:
        p_values: One a hypothesis, in any order.

    Returns:
        The corrected ones, in the same order, at most 1.

    Example:
        >>> [round(p, 2) for p in holm([0.01, 0.04, 0.03])]
        [0.03, 0.06, 0.06]

    References:
        Holm 1979, "A simple sequentially rejective multiple test procedure"
    """
    corrected = [0.0] * len(p_values)
    largest = 0.0
    for rank, i in enumerate(sorted(range(len(p_values)), key=lambda i: p_values[i])):
        largest = max(largest, min(1.0, p_values[i] * (len(p_values) - rank)))
        corrected[i] = largest
    return corrected


def benjamini_hochberg(p_values: Sequence[float]) -> list[float]:
    """Adjusted p-values: the least false discovery rate at which each is a discovery.

    Example:
        >>> [round(p, 3) for p in benjamini_hochberg([0.01, 0.04, 0.03, 0.5])]
        [0.04, 0.053, 0.053, 0.5]

    References:
        Benjamini and Hochberg 1995, doi:10.1111/j.2517-6161.1995.tb02031.x
    """
    m = len(p_values)
    order = sorted(range(m), key=lambda i: p_values[i], reverse=True)
    adjusted, least = [1.0] * m, 1.0
    for rank, i in enumerate(order):
        least = min(least, p_values[i] * m / (m - rank))
        adjusted[i] = least
    return adjusted
