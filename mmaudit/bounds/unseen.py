"""Units that were not seen: how many samples they have, and where they may be unlike the others.

Where few of many samples differ between two looks, the draws of the two go together nearly as one,
and the differences are nearly all 0. Neither says how many more of the like there are.

References:
    Cochran 1977, "Sampling techniques", section 2.15 (n > 25 skew^2; that of a share k / n whose
    events are few is n / k, so k > 25)
"""

import math

import numpy as np

from mmaudit.arrays import Floats, Ints

FEWEST = 20  # units, below which nothing is known of their spread
ENOUGH = 25  # units that differ, from which on their number is nearly normal
STILL = 0.01  # of the span: as large a change says nothing of how large others may be


def few_differ(differences: Floats, groups: Ints | None, least: float) -> bool:
    """Whether few of many units differ.

    Args:
        differences: By how much each sample differs, ``(sample,)``.
        groups: Number of each sample's group, ``(sample,)``, from 0.
        least: What is no difference yet; `STILL` of the span of numbers.
    """
    far = np.abs(differences) > least
    units, differing = far.size, int(far.sum())
    if groups is not None:
        units, differing = int(groups.max()) + 1, np.unique(groups[far]).size
    return units >= FEWEST and differing < ENOUGH and 2 * differing <= units


def root_moves(squares: Floats, groups: Ints | None, most: float, units: float) -> float:
    """How far so many units of the largest square move the root of a mean square.

    Args:
        squares: The square of each sample, ``(sample,)``.
        groups: Number of each sample's group, ``(sample,)``, from 0.
        most: The largest square that a sample may have.
        units: How many units.
    """
    mean = math.fsum(squares.tolist()) / squares.size
    more = units * size(squares.size, groups) * most / squares.size
    return math.sqrt(mean + more) - math.sqrt(mean)


def size(samples: int, groups: Ints | None) -> float:
    """Samples of a unit that was not seen: as many as in the unit of a sample, on average.

    Args:
        samples: How many samples there are.
        groups: Number of each sample's group, ``(sample,)``, from 0.
    """
    if groups is None:
        return 1.0
    return float((np.bincount(groups).astype(np.float64) ** 2).sum()) / samples
