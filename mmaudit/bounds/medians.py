"""Medians: an interval from the order of the values alone.

References:
    Thompson 1936, "On confidence ranges for the median and other expectation distributions for
    populations of unknown distribution form", doi:10.1214/aoms/1177732502
    Woodruff 1952, "Confidence intervals for medians and other position measures",
    doi:10.1080/01621459.1952.10483443 (groups)
"""

import math
from bisect import bisect_left

import numpy as np

from mmaudit.arrays import Floats, Ints
from mmaudit.bounds.means import TAIL, bounded, p_above, p_below
from mmaudit.bounds.shares import at_most

FEWEST = 6


def ends(
    values: Floats, tail: float = TAIL, groups: Ints | None = None
) -> tuple[float, float] | None:
    """Values between which the median lies; None where there are too few to tell.

    Args:
        values: The values, ``(sample,)``.
        tail: Error on each side.
        groups: Number of each sample's group, ``(sample,)``.
    """
    if groups is not None:
        return _of_groups(values, groups, tail)
    n = values.size
    place = n // 2
    while place and at_most(place - 1, n, 0.5) > tail:
        place -= 1
    if not place:
        return None
    ordered = np.sort(values)
    return float(ordered[place - 1]), float(ordered[n - place])


def _of_groups(values: Floats, groups: Ints, tail: float) -> tuple[float, float] | None:
    """Where the share of values below is surely less, or surely more, than a half (Woodruff)."""
    levels = np.unique(values)

    def most(level: float) -> bool:
        share = bounded((values <= level).astype(np.float64), 0.0, 1.0, groups)
        return p_above(share, 0.5) <= tail

    def few(level: float) -> bool:
        share = bounded((values < level).astype(np.float64), 0.0, 1.0, groups)
        return p_below(share, 0.5) <= tail

    at = range(levels.size)
    first = bisect_left(at, True, key=lambda i: most(float(levels[i])))  # noqa: FBT003
    last = bisect_left(at, True, key=lambda i: not few(float(levels[i]))) - 1  # noqa: FBT003
    if first == levels.size or last < 0:
        return None
    return float(levels[last]), float(levels[first])


def reach(ordered: Floats, samples: float) -> float:
    """How far the median moves at most where so many samples pass from one side of it to the other.

    Args:
        ordered: The values in their order, ``(sample,)``.
        samples: How many pass.
    """
    n, by = ordered.size, math.ceil(samples)
    middle = np.array([(n - 1) // 2, n // 2])
    low, at, high = (
        float(ordered[np.clip(middle + step, 0, n - 1)].mean()) for step in (-by, 0, by)
    )
    return max(at - low, high - at)
