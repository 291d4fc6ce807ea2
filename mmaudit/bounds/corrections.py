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
