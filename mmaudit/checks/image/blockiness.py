"""Blockiness: the grid of a strong JPEG or WebP compression can be seen.

A step of luma from one column to the next counts by what it exceeds its two neighbouring steps,
up to 32 levels; these are averaged down the columns and then over every eighth of them, from each
of 8 starts; likewise for rows. The logarithm of the largest over the median of the 8, the mean of
both directions. The start of the grid is searched for, so a cropped picture is seen as well.
Pictures that were enlarged have a lattice of their own.
"""

import math

import cv2
import numpy as np

from mmaudit.arrays import Pixels
from mmaudit.checks.base import QualityCheck
from mmaudit.checks.image._planes import Planes, planes

PERIOD = 8
MOST = 32  # levels: an edge of the scene does not count for more
LEAST = 0.01  # levels, so that a picture without steps has no grid


def measure(picture: Planes) -> float:
    """Log ratio of the strongest of 8 phases to the median phase."""
    if not picture.large_enough:
        return math.nan
    luma = picture.luma
    across = cv2.absdiff(luma[:, 1:], luma[:, :-1])
    down = cv2.absdiff(luma[1:], luma[:-1])
    columns = _beyond(across[:, 1:-1], across[:, :-2], across[:, 2:])
    rows = _beyond(down[1:-1], down[:-2], down[2:])
    return (_grid(columns, 0) + _grid(rows, 1)) / 2


def _beyond(step: Pixels, before: Pixels, after: Pixels) -> Pixels:
    """By how much a step exceeds both of its neighbours."""
    return cv2.min(cv2.subtract(step, cv2.max(before, after)), MOST)


def _grid(steps: Pixels, along: int) -> float:
    """Log ratio of the phases of steps, averaged along an axis."""
    sums = cv2.reduce(steps, along, cv2.REDUCE_SUM, dtype=cv2.CV_32S).ravel() / steps.shape[along]
    phases = np.sort(sums[: len(sums) // PERIOD * PERIOD].reshape(-1, PERIOD).mean(0)) + LEAST
    return math.log(phases[-1] / (phases[PERIOD // 2 - 1] + phases[PERIOD // 2]) * 2)


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
