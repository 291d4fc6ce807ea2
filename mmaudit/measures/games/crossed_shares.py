"""Shares of the work of modalities, and their Gini coefficient, over seeds and samples crossed.

The numbers are those of `shares`; the error is that of samples and of seeds of training.
"""

from collections.abc import Sequence
from itertools import combinations

import numpy as np

from mmaudit.measures.games.shares import excess
from mmaudit.measures.intervals.influences import CrossedNumber


def crossed_shares(sizes: Sequence[CrossedNumber]) -> list[CrossedNumber]:
    """Each modality's share of the total, 0 … 1.

    Args:
        sizes: Mean absolute Shapley value of each modality, not all 0.
    """
    total = sum(size.value for size in sizes)
    pull = np.sum([size.pull for size in sizes], axis=0)
    return [
        CrossedNumber(
            value=size.value / total,
            pull=(size.pull - size.value / total * pull) / total,
            units=size.units,
        )
        for size in sizes
    ]


def crossed_gini(shares: Sequence[CrossedNumber]) -> CrossedNumber:
    """0 where all modalities have the same share, 1 where one has everything.

    Noise makes shares that are alike unlike, so that it may be too large, as in `shares.gini`.

    Args:
        shares: Of two modalities or more.
    """
    apart = [a - b if a.value >= b.value else b - a for a, b in combinations(shares, 2)]
    count = len(shares) - 1
    return CrossedNumber(
        value=sum(d.value for d in apart) / count,
        pull=np.sum([d.pull for d in apart], axis=0) / count,
        units=min(share.units for share in shares),
        above=sum(excess(d.value, d.reach / 2) for d in apart) / count,
    )
