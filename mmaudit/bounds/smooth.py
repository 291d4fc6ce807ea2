"""Smooth means: values far from their bounds, whose mean is nearly normal but for its skewness.

The transformed t statistic takes the skewness out. What was not seen it cannot know: a mean that a
few samples make is refused, where there are fewer than 25 times the squared skewness.

References:
    Hall 1992, "On the removal of skewness by transformation",
    doi:10.1111/j.2517-6161.1992.tb01873.x
    Cochran 1977, "Sampling techniques", section 2.15 (n > 25 skew^2)
"""

import math

import numpy as np

from mmaudit.arrays import Floats
from mmaudit.bounds.means import TAIL

FEWEST = 20
COCHRAN = 25.0
FLAT = 1e-8


def ends(values: Floats, tail: float = TAIL) -> tuple[float, float]:
    """Interval of the mean by Hall's transformation, ``(value,)`` at least two of them."""
    from scipy.special import stdtrit  # noqa: PLC0415  quantile of Student's t

    n = values.size
    mean, spread = float(values.mean()), float(values.std(ddof=1))
    if spread == 0.0:
        return mean, mean
    quantile = float(stdtrit(n - 1, 1 - tail)) / math.sqrt(n)
    skew = skewness(values)
    return mean - spread * _inverse(quantile, skew, n), mean - spread * _inverse(-quantile, skew, n)


def skewness(values: Floats) -> float:
    """Third moment in standard deviations; 0 where nothing varies."""
    rest = values - values.mean()
    spread = math.sqrt(float((rest**2).mean()))
    return float((rest**3).mean()) / spread**3 if spread else 0.0


def enough(values: Floats) -> int:
    """The fewest values of this skewness that the interval may be trusted with."""
    return max(FEWEST, math.ceil(COCHRAN * skewness(values) ** 2))


def _inverse(y: float, skew: float, n: int) -> float:
    """Solve x + g x^2 / 3 + g^2 x^3 / 27 + g / (6 n) = y for x."""
    g = skew if abs(skew) > FLAT else FLAT
    return 3 * (float(np.cbrt(1 + g * (y - g / (6 * n)))) - 1) / g
