"""Blockiness: the grid of a strong JPEG or WebP compression can be seen.

A step of luma from one column to the next counts by what it exceeds its two neighbouring steps,
up to 32 levels; these are averaged down the columns and then over every eighth of them, from each
of 8 starts; likewise for rows. The logarithm of the largest over the median of the 8, the mean of
both directions. The start of the grid is searched for, so a cropped picture is seen as well.
Pictures that were enlarged have a lattice of their own.
"""

import math

from mmaudit.arrays import Ints
from mmaudit.checks._differences import PERIOD, phases_across, phases_down
from mmaudit.checks.base import QualityCheck
from mmaudit.checks.planes import Planes, planes

LEAST = 0.01  # levels, so that a picture without steps has no grid
STEPS = 3  # of which a line has fewer than pixels, once it is compared with its neighbours


def measure(picture: Planes) -> float:
    """Log ratio of the strongest of 8 phases to the median phase."""
    if not picture.large_enough:
        return math.nan
    height, width = picture.sides
    across = _grid(phases_across(picture.luma), height, width)
    return (across + _grid(phases_down(picture.luma), width, height)) / 2


def _grid(sums: Ints, lines: int, side: int) -> float:
    """Log ratio of phases ``(8,)``, which are sums over some lines along a side."""
    phases = sorted(sums.tolist())
    least = LEAST * lines * ((side - STEPS) // PERIOD)
    middle = (phases[PERIOD // 2 - 1] + phases[PERIOD // 2]) / 2
    return math.log((phases[-1] + least) / (middle + least))


CHECK = QualityCheck(
    view=planes,
    measure=measure,
    unit="log ratio",
    bad="high",
    source="steps at block borders over those elsewhere, after Wang, Sheikh & Bovik 2002, "
    "doi:10.1109/ICIP.2002.1038064; the search for the phase: ours",
    finding="blocky",
    suggestion="look for the original; saving it again at a higher quality does not help",
    sees=("image/jpeg_compression",),
)
