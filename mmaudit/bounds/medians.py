"""Medians: an interval from the order of the values alone.

References:
    Thompson 1936, "On confidence ranges for the median and other expectation distributions for
    populations of unknown distribution form", doi:10.1214/aoms/1177732502
"""

import numpy as np

from mmaudit.arrays import Floats
from mmaudit.bounds.means import TAIL
from mmaudit.bounds.shares import at_most

FEWEST = 6


def ends(values: Floats, tail: float = TAIL) -> tuple[float, float] | None:
    """Order statistics between which the median lies; None below six values."""
    n = values.size
    place = n // 2
    while place and at_most(place - 1, n, 0.5) > tail:
        place -= 1
    if not place:
        return None
    ordered = np.sort(values)
    return float(ordered[place - 1]), float(ordered[n - place])
