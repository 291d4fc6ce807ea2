"""Usual: where the numbers of the good values of each column lie, told from all of them.

A few bad ones do not move it: middles, spreads and ranges are made of quantiles.
"""

import math
from dataclasses import dataclass

import numpy as np

from mmaudit.arrays import Floats

NORMAL = 1.4826022185056018  # standard deviation of a normal law over its median deviation
INNER = (0.01, 0.99)
MARGIN = 0.25  # of the width of the inner range, on either side of it
FARTHEST = 1e12
FEWEST = 100  # values, below which quantiles of 1 % say nothing


@dataclass(frozen=True, slots=True)
class Usual:
    """What is usual in each column, ``(d,)``; NaN where a column has no numbers.

    Attributes:
        middle: Its median.
        spread: Its standard deviation by its median deviation; by its squares where more than half
            are equal; 1 where all are.
        low: Where good numbers begin; minus infinity where nearly all are equal.
        high: Where they end; infinity likewise.
    """

    middle: Floats
    spread: Floats
    low: Floats
    high: Floats

    def scaled(self, numbers: Floats) -> Floats:
        """Numbers ``(…, d)`` as deviations from the middle, in spreads, at most a trillion."""
        with np.errstate(over="ignore"):
            return np.clip((numbers - self.middle) / self.spread, -FARTHEST, FARTHEST)

    def share_outside(self, numbers: Floats) -> float:
        """Share of the numbers of a value ``(d,)`` outside the range of their columns.

        NaN for one without numbers, or of another length.
        """
        if numbers.shape != self.low.shape:
            return math.nan
        count = np.count_nonzero(~np.isnan(numbers))
        outside = np.count_nonzero((numbers < self.low) | (numbers > self.high))
        return outside / count if count else math.nan


def columns(numbers: Floats) -> Usual:
    """What is usual in each column of numbers ``(n, d)``; NaN where there is none."""
    empty = np.isnan(numbers).all(0)
    filled = np.where(empty, 0.0, numbers)
    middle = np.nanmedian(filled, 0)
    spread = NORMAL * np.nanmedian(np.abs(filled - middle), 0)
    spread = np.where(spread > 0, spread, np.nanstd(filled, 0))
    inner = np.nanquantile(filled, INNER, axis=0)
    width = inner[1] - inner[0]
    margin = np.where(width > 0, MARGIN * width, np.inf)
    return Usual(
        middle=np.where(empty, np.nan, middle),
        spread=np.where(spread > 0, spread, 1.0),
        low=inner[0] - margin,
        high=inner[1] + margin,
    )
