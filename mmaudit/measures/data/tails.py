"""Tails: which numbers of a set are too bad for the rest of it, and which for a set of reference.

References:
    Hoaglin 1985, "Summarizing shape numerically: the g-and-h distributions", in Exploring Data
    Tables, Trends, and Shapes
    Bates, Candès, Lei, Romano and Sesia 2023, "Testing for outliers with conformal p-values",
    doi:10.1214/22-AOS2244
"""

import math

import numpy as np
from scipy import special

from mmaudit.arrays import Bools, Floats

FEWEST = 300  # numbers from which a tail can be told
TIED = 0.2  # share of equal numbers from which quantiles say nothing of a tail
BULK = (0.25, 0.2, 0.15)  # quantiles whose distances from the median say how skewed the bulk is
TAIL = 0.85  # quantile that says how heavy the upper tail is
QUARTILE = 0.6744897501960817  # of the normal law
SKEWS, HEAVIEST = (-1.0, 1.5), 0.3
LEAST = 1e-12


def own_tail(numbers: Floats) -> Floats:
    """How often the bulk of a set would have numbers as large as each.

    A g-and-h law, which is skewed and heavy-tailed as the set is, is fitted to the middle 70 % of
    the set and to its 85 % quantile, so that bad values do not shape the law that they are held
    against. With Benjamini and Hochberg at .05 a clean set of 1,000 normal, log-normal or gamma
    numbers has a discovery in .00 to .08 of sets; of Student's t with 5 degrees in .49, .25 % of
    its numbers: what is heavier-tailed than its bulk is not told from what is bad.

    Args:
        numbers: The set, ``(n,)``, finite; larger is worse.

    Returns:
        ``(n,)`` in [0, 1]; all 1 where the set is small, tied, or has no spread.
    """
    if len(numbers) < FEWEST or _is_tied(numbers):
        return np.ones(len(numbers))
    median, low, high = (float(q) for q in np.quantile(numbers, [0.5, 0.25, 0.75]))
    if high - low < LEAST:
        return np.ones(len(numbers))
    g = _skew(numbers, median)
    width = (math.exp(QUARTILE * g) - math.exp(-QUARTILE * g)) / g if g else 2 * QUARTILE
    normal = _unskewed((numbers - median) * (width / (high - low)), g)
    upper = max(float(np.quantile(normal, TAIL)), 1e-6)
    at = float(special.ndtri(TAIL))
    h = min(max(0.0, 2 * math.log(upper / at) / at**2), HEAVIEST)
    normal = np.maximum(normal, 0)
    if h > 0:  # z exp(h z^2 / 2) = normal
        normal = np.sqrt(np.real(special.lambertw(h * normal**2)) / h)
    return special.ndtr(-normal)


def against(reference: Floats, numbers: Floats) -> Floats:
    """Conformal p-values: how often a number of the reference is as large as each.

    They are right whatever the law of the reference, if good numbers are drawn from it too. They
    are at least 1 / (m + 1) of m of the reference: by Benjamini and Hochberg at a level, k bad ones
    of n can be found only where m + 1 is at least n / (level k).

    Args:
        reference: Numbers of good samples, ``(m,)``, finite.
        numbers: The numbers, ``(n,)``, finite; larger is worse.

    Returns:
        ``(n,)`` in (0, 1].
    """
    ordered = np.sort(reference)
    larger = len(ordered) - np.searchsorted(ordered, numbers, side="left")
    return np.asarray((1 + larger) / (len(ordered) + 1))


def discoveries(p_values: Floats, rate: float) -> Bools:
    """Which of many p-values ``(n,)`` are discoveries at a false discovery rate.

    References:
        Benjamini and Hochberg 1995, doi:10.1111/j.2517-6161.1995.tb02031.x
    """
    ordered = np.sort(p_values)
    within = ordered <= rate * np.arange(1, len(ordered) + 1) / len(ordered)
    return p_values <= (ordered[within].max() if within.any() else -1.0)


def _is_tied(numbers: Floats) -> bool:
    return bool(np.unique(numbers, return_counts=True)[1].max() > TIED * len(numbers))


def _skew(numbers: Floats, median: float) -> float:
    """The median over quantiles of the logarithm of the upper half's width over the lower's."""
    skews = []
    for share in BULK:
        low, high = np.quantile(numbers, [share, 1 - share])
        ratio = max(float(high) - median, LEAST) / max(median - float(low), LEAST)
        skews.append(math.log(ratio) / float(special.ndtri(1 - share)))
    g = float(np.clip(np.median(skews), *SKEWS))
    return g if abs(g) > 1e-3 else 0.0


def _unskewed(numbers: Floats, g: float) -> Floats:
    """What of a g law with median 0 and scale 1 each number is, on the scale of the normal law."""
    return np.log(np.maximum(1 + g * numbers, LEAST)) / g if g else numbers
