"""Standard errors of what is fitted to pairs of coalitions.

They are made of how far pairs are off what the fit says without them, borrow from the sample's
other numbers, and are so wide, by Student's t, that 1.96 of them hold the truth in 95 %.

References:
    MacKinnon and White 1985, doi:10.1016/0304-4076(85)90158-7 (errors without the row itself)
"""

import numpy as np
from scipy.special import stdtrit

from mmaudit.arrays import Floats
from mmaudit.measures.games.strata import Stratum

BORROWED = 8.0  # degrees of freedom that a number's error takes from the sample's others
WORTH = 0.25  # of a degree that is borrowed
MOST_LEVERAGE = 0.9  # of a pair on what is fitted to it
NORMAL, TAIL = 1.959964, 0.025
ROUNDING = 1e-9  # an error that rounding alone may make


def errors(slope: Floats, off: Floats, plan: tuple[Stratum, ...], degrees: int) -> Floats:
    """Standard errors of numbers that are fitted to pairs of coalitions.

    Args:
        slope: How much a number moves with what a pair says, ``(sample, pair, number)``.
        off: How far each pair is off what the numbers say without it, ``(sample, pair, value)``.
        plan: How pairs were drawn, in their order.
        degrees: Degrees of freedom: pairs less the numbers that are fitted.

    Returns:
        ``(sample, number, value)``, NaN where coalitions are missing and those that were drawn do
        not differ from what the numbers say.
    """
    spread = np.zeros((len(slope), slope.shape[2], off.shape[2]))
    start = 0
    for s in plan:
        at = slice(start, start + s.drawn)
        start += s.drawn
        if s.unseen > 0 and s.drawn > 1:
            score = slope[:, at, :, None] * off[:, at, None, :]
            score = score - score.mean(axis=1, keepdims=True)
            spread += s.unseen * s.drawn / (s.drawn - 1) * (score * score).sum(axis=1)
    mean = spread.mean(axis=1, keepdims=True)
    pooled = (degrees * spread + BORROWED * mean) / (degrees + BORROWED)
    wider = float(stdtrit(degrees + WORTH * BORROWED, 1 - TAIL)) / NORMAL
    error = wider * np.sqrt(pooled)
    unseen = any(s.unseen > 0 for s in plan)
    return np.where(unseen & (error < ROUNDING), np.nan, error)
