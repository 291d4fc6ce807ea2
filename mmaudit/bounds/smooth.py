"""Smooth means: values far from their bounds, whose mean is nearly normal but for its skewness.

The transformed t statistic takes the skewness out. What was not seen it cannot know: a mean that a
few samples make is refused, where there are fewer than 25 times the squared skewness.

References:
    Hall 1992, "On the removal of skewness by transformation",
    doi:10.1111/j.2517-6161.1992.tb01873.x
    Cochran 1977, "Sampling techniques", section 2.15 (n > 25 skew^2)
"""

import math
from dataclasses import dataclass

import numpy as np

from mmaudit.arrays import Floats, Ints
from mmaudit.bounds.means import GRAIN, TAIL

FEWEST = 20
COCHRAN = 25.0
FLAT = 1e-8
MOST = 0.5  # skewness of draws
LEANING = 4.0  # excess kurtosis that is supposed of a squared skewness
LEAST_DEGREES = 8  # units for one degree of freedom, at most
FEW_DEGREES = 6.0


@dataclass(frozen=True, slots=True)
class Moments:
    """All that the interval of a mean depends on.

    Attributes:
        mean: The mean.
        spread: Standard deviation of a unit.
        skewness: Third moment in standard deviations; 0 where nothing varies.
        units: Samples, or groups of samples.
        fewer: Degrees of freedom that the spread is known with; `units` less 1 where None.
    """

    mean: float
    spread: float
    skewness: float
    units: int
    fewer: float | None = None

    @property
    def degrees(self) -> float:
        """Degrees of freedom of Student's t."""
        return self.units - 1.0 if self.fewer is None else self.fewer

    @property
    def enough(self) -> int:
        """The fewest units of this skewness that the interval may be trusted with."""
        return max(FEWEST, math.ceil(COCHRAN * self.skewness**2))

    @property
    def few(self) -> bool:
        """Whether a few units make the mean, so that it cannot be trusted."""
        return self.units < self.enough

    def ends(self, tail: float = TAIL) -> tuple[float, float]:
        """Interval of the mean by Hall's transformation; infinite for a single unit."""
        from scipy.special import stdtrit  # noqa: PLC0415  quantile of Student's t

        if self.units < 2:
            return -math.inf, math.inf
        if self.spread == 0.0:
            return self.mean, self.mean
        quantile = float(stdtrit(self.degrees, 1 - tail)) / math.sqrt(self.units)
        low, high = (self.mean - self.spread * self._inverse(y) for y in (quantile, -quantile))
        return low, high

    def p_above(self, limit: float) -> float:
        """One-sided p-value of "the mean is at most ``limit``"."""
        from scipy.special import stdtr  # noqa: PLC0415  Student's t

        if self.units < 2 or self.spread == 0.0:
            return 0.0 if self.units >= 2 and self.mean > limit else 1.0
        g, x = self.skewness, (self.mean - limit) / self.spread
        y = x + g * x * x / 3 + g * g * x**3 / 27 + g / (6 * self.units)
        return float(stdtr(self.degrees, -y * math.sqrt(self.units)))

    def p_below(self, limit: float) -> float:
        """One-sided p-value of "the mean is at least ``limit``"."""
        if self.units < 2 or self.spread == 0.0:
            return 0.0 if self.units >= 2 and self.mean < limit else 1.0
        return 1.0 - self.p_above(limit)

    def _inverse(self, y: float) -> float:
        """Solve x + g x^2 / 3 + g^2 x^3 / 27 + g / (6 n) = y for x."""
        g = self.skewness if abs(self.skewness) > FLAT else FLAT
        return 3 * (float(np.cbrt(1 + g * (y - g / (6 * self.units)))) - 1) / g


def moments(values: Floats, groups: Ints | None = None) -> Moments:
    """Moments of some values; groups count by what they are off the mean in all.

    Args:
        values: One number a sample, ``(sample,)``.
        groups: Number of each sample's group, ``(sample,)``, from 0.
    """
    mean = math.fsum(values.tolist()) / values.size  # exact, so the same in any order
    rest = np.asarray(values - mean, np.float64)
    if groups is not None:
        sums = np.bincount(groups, np.rint(rest / GRAIN) * GRAIN)
        rest = np.asarray(sums * (sums.size / values.size), np.float64)
    n = rest.size
    spread = math.sqrt(math.fsum((rest**2).tolist()) / n)
    skewness = math.fsum((rest**3).tolist()) / n / spread**3 if spread else 0.0
    return Moments(mean, spread * math.sqrt(n / max(n - 1, 1)), skewness, n)


def of_draws(value: float, draws: Floats, units: int) -> Moments:
    """The moments that a statistic's bootstrap draws suggest, as of a mean of so many units.

    Draws that lean more than those of a mean of few units may are of a function that is bent, whose
    percentiles say so themselves: of their skewness no more than `MOST` is taken. The spread of
    what leans is known less well, by Satterthwaite's degrees of freedom ``2 n / (kurtosis + 2)``,
    with an excess kurtosis of 4 times the squared skewness; one degree in 8 units is left, and 6 at
    least.

    Args:
        value: The statistic.
        draws: Its draws, ``(draw,)``, finite.
        units: How many units were drawn from.
    """
    rest = draws - draws.mean()
    deviation = math.sqrt(float((rest**2).mean()))
    skewness = float((rest**3).mean()) / deviation**3 if deviation else 0.0
    skewness = min(max(skewness, -MOST), MOST)
    root = math.sqrt(units)
    spread = deviation * root * math.sqrt(units / max(units - 1, 1))
    full = max(units - 1.0, 1.0)
    degrees = 2 * units / (2 + LEANING * skewness**2 * units)
    fewer = min(full, max(degrees, units / LEAST_DEGREES, FEW_DEGREES))
    return Moments(value, spread, skewness * root, units, fewer)


def ends(values: Floats, tail: float = TAIL) -> tuple[float, float]:
    """Interval of the mean by Hall's transformation, ``(value,)``."""
    return moments(values).ends(tail)
