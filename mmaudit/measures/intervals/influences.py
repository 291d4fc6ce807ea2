"""Influences: what is no mean of a table of seeds and samples, with the error of both.

A smooth function of means moves as the mean of its influences does: what each sample of each seed
pulls at it. So its interval is that of `crossed` around it.

References:
    Hampel 1974, "The influence curve and its role in robust estimation", doi:10.2307/2285666
"""

import math
from dataclasses import dataclass

import numpy as np

from mmaudit.arrays import Floats, Ints
from mmaudit.measures.intervals.crossed import mean, of_groups
from mmaudit.measures.intervals.replicates import ANY, Bounds
from mmaudit.rows import Estimate


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class CrossedNumber:
    """A number of a table of seeds and samples.

    Attributes:
        value: The number.
        pull: How each unit of each seed moves it, ``(seed, unit)``; its mean is 0.
        units: How many units have a say: those without have a pull of 0.
        above: By how much it may be too large on average, at most.
        below: By how much it may be too small on average, at most.
    """

    value: float
    pull: Floats
    units: int
    above: float = 0.0
    below: float = 0.0

    def estimate(self, bounds: Bounds = ANY, level: float = 0.95) -> Estimate:
        """The number with its interval, within the bounds."""
        whole = mean(self.pull + self.value, level)
        low, high = max(whole.low - self.above, bounds[0]), min(whole.high + self.below, bounds[1])
        return Estimate(self.value, min(low, self.value), max(high, self.value), self.units)

    @property
    def reach(self) -> float:
        """Half of the width of its 95 % interval."""
        whole = mean(self.pull, 0.95)
        return whole.high - whole.value

    def __sub__(self, other: "CrossedNumber") -> "CrossedNumber":
        return CrossedNumber(
            value=self.value - other.value,
            pull=self.pull - other.pull,
            units=min(self.units, other.units),
            above=self.above + other.below,
            below=self.below + other.above,
        )


def crossed_mean(values: Floats, groups: Ints | None) -> CrossedNumber:
    """Mean over the samples that have a value, and seeds.

    Args:
        values: ``(seed, sample)``, NaN where a sample has none, whatever the seed.
        groups: Number of the group of each sample, from 0, ``(sample,)``; None for no groups.

    Example:
        >>> one = crossed_mean(np.array([[1.0, 3.0, np.nan], [2.0, 4.0, np.nan]]), None)
        >>> one.value, one.units, one.pull.tolist()
        (2.5, 2, [[-2.25, 0.75, 0.0], [-0.75, 2.25, 0.0]])
    """
    there = ~np.isnan(values[0])
    count = int(there.sum())
    if not count:
        return CrossedNumber(value=math.nan, pull=np.zeros_like(values), units=0)
    value = float(values[:, there].mean())
    pull = np.where(there, values - value, 0.0) * (there.size / count)
    units = count if groups is None else int(np.unique(groups[there]).size)
    return CrossedNumber(value=value, pull=of_groups(pull, groups), units=units)
