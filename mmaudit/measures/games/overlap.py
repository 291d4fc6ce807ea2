"""Whether two modalities say the same, and whether only all together say anything.

Two good modalities are right about the same samples without having anything in common: both are
about the truth. So agreement is looked for among the samples of one class, where what they share
with the truth is fixed.

References:
    Borkowf 2002, "Computing the nonnull asymptotic variance and the asymptotic relative efficiency
    of Spearman's rank correlation", doi:10.1016/S0167-9473(01)00113-9 (influence of one sample)
"""

from collections.abc import Sequence

import numpy as np
from scipy.stats import rankdata

from mmaudit.arrays import Floats, Ints

LEAST = 5  # samples of a class whose ranks are compared


def same_information(first: Floats, second: Floats, labels: Ints) -> tuple[float, Floats]:
    """Mean over classes of Spearman's rank correlation within the class, and influences.

    It is 0 where two modalities depend on each other through the class alone, and it does not
    change with the scale of the answers.

    Args:
        first: What the first modality alone says of the true class, ``(n,)``, on any scale.
        second: The same of the second.
        labels: The true class, ``(n,)``.

    Returns:
        The correlation, and of each sample what it does to it, ``(n,)``, whose mean is 0; NaN
        where no class has ranks to compare.

    Example:
        >>> up = np.arange(12.0)
        >>> same_information(up, up**3, np.repeat([0, 1], 6))[0]
        1.0
    """
    total, used, influence = 0.0, 0, np.zeros(labels.size)
    for k in np.unique(labels):
        rows = np.flatnonzero(labels == k)
        u, v = (rankdata(x[rows]) / rows.size for x in (first, second))
        if rows.size < LEAST or not np.ptp(u) or not np.ptp(v):
            continue
        scale = u.std() * v.std()
        rho = float(np.mean((u - u.mean()) * (v - v.mean())) / scale)
        pull = (u * v + _above(u, v) + _above(v, u)) / scale
        for one in (u, v):  # how the sample changes the spread of ranks, where some are tied
            pull -= rho * (one * one / 2 + _above(one, one)) / one.var()
        total += rows.size * rho
        influence[rows] = pull - pull.mean()
        used += rows.size
    if not used:
        return np.nan, influence
    return min(1.0, total / used), influence * (labels.size / used)


def _above(order: Floats, values: Floats) -> Floats:
    """Mean over the sample of the values that come after each; half of those that are tied.

    The order is by ranks over the size of the sample, which are multiples of a half.
    """
    at = np.rint(2 * order.size * order).astype(np.int64)
    sums = np.bincount(at, values)
    after = sums[::-1].cumsum()[::-1] - sums / 2
    return after[at] / order.size


def synergy_share(right: Floats, alone: Sequence[Floats], chance: float) -> tuple[float, Floats]:
    """Share of what all tell that none tells alone, by logarithms of accuracy over chance.

    Logarithms add up where modalities know different parts of the answer: two that know one of two
    bits each have a share of 0, an exclusive or 1, copies below 0.

    Args:
        right: Whether all together are right, ``(n,)``.
        alone: The same of each modality alone.
        chance: Share of the most frequent class.

    Returns:
        The share, NaN where all together are no better than chance, and influences ``(n,)``.

    Example:
        >>> round(synergy_share(np.ones(4), [np.array([1.0, 0, 0, 0])] * 2, 1 / 4)[0], 3)
        1.0
    """
    whole = float(np.mean(right))
    if whole <= chance:
        return np.nan, np.zeros(right.size)
    by_one, pull = 0.0, np.zeros(right.size)
    for one in alone:
        rate = float(np.mean(one))
        if rate > chance:
            by_one += float(np.log(rate / chance))
            pull += (one - rate) / rate
    whole_log = float(np.log(whole / chance))
    influence = -pull / whole_log + by_one / whole_log**2 * (right - whole) / whole
    return 1 - by_one / whole_log, influence
