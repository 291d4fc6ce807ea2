"""Drops: how much a share fell between two looks at the same samples.

Each sample was right both times, wrong both times, lost or won; the drop is the share lost minus
the share won.

References:
    Zou and Donner 2008, "Construction of confidence limits about effect measures",
    doi:10.1002/sim.3095, with the correlation of two shares of one multinomial, and ends by
    Clopper and Pearson
"""

import math

import numpy as np

from mmaudit.arrays import Floats, Ints
from mmaudit.bounds.means import TAIL, Bounded, counted
from mmaudit.bounds.shares import ends as share_ends


def drop(lost: int, won: int, samples: int) -> Bounded:
    """The drop as values that the tests of `mmaudit.bounds.means` take.

    Args:
        lost: Samples that were right the first time alone.
        won: Samples that were right the second time alone.
        samples: All samples.
    """
    return counted({1.0: lost, -1.0: won, 0.0: samples - lost - won}, -1.0, 1.0)


def relative_drop(lost: int, won: int, both: int, samples: int, share: float) -> Bounded:
    """The drop minus a share of the first value; above 0 where the relative drop is above it.

    Args:
        lost: Samples that were right the first time alone.
        won: Samples that were right the second time alone.
        both: Samples that were right both times.
        samples: All samples.
        share: The relative drop that is tested, in [0, 1).
    """
    counts = {-1.0: won, 0.0: samples - lost - won - both, 1.0 - share: lost}
    counts[-share] = counts.get(-share, 0) + both
    return counted(counts, -1.0, 1.0 - share)


def ends(lost: int, won: int, samples: int, tail: float = TAIL) -> tuple[float, float]:
    """Interval of the drop: two exact intervals, put together by how the shares correlate.

    Example:
        >>> low, high = ends(5, 1, 100)
        >>> round(low, 3), round(high, 3)
        (-0.016, 0.104)
    """
    p, q = lost / samples, won / samples
    (p_low, p_high), (q_low, q_high) = (share_ends(k, samples, tail) for k in (lost, won))
    apart = (1 - p) * (1 - q)
    r = -math.sqrt(p * q / apart) if apart > 0 else 0.0
    low = p - q - _side(p - p_low, q_high - q, r)
    high = p - q + _side(p_high - p, q - q_low, r)
    return max(-1.0, low), min(1.0, high)


def upper_ends(lost: Ints, won: Ints, samples: int, tail: float = TAIL) -> Floats:
    """The upper ends of many drops at once, ``(won, lost)``, as `ends` has them.

    Args:
        lost: Numbers of samples that were right the first time alone, ``(lost,)``.
        won: Numbers of samples that were right the second time alone, ``(won,)``.
        samples: All samples.
        tail: Error on each side.
    """
    from scipy.special import betaincinv  # noqa: PLC0415  the gate decides by tails alone

    p, q = lost[None, :] / samples, won[:, None] / samples
    above = betaincinv(lost + 1.0, np.maximum(samples - lost, 0.5), 1 - tail)
    below = betaincinv(np.maximum(won, 0.5), samples - won + 1.0, tail)
    first = np.where(lost < samples, above, 1.0)[None, :] - p
    second = q - np.where(won > 0, below, 0.0)[:, None]
    apart = np.maximum((1 - p) * (1 - q), 1e-300)
    r = -np.minimum(np.sqrt(p * q / apart), 1.0)
    side = np.sqrt(np.maximum(first**2 + second**2 - 2 * r * first * second, 0.0))
    return np.asarray(np.minimum(p - q + side, 1.0))


def _side(first: float, second: float, r: float) -> float:
    return math.sqrt(max(first**2 + second**2 - 2 * r * first * second, 0.0))
