"""Planting: known mismatches in a scratch copy, to see whether they would be found in this data."""

import numpy as np
from numpy.typing import NDArray

from mmaudit.arrays import Ints
from mmaudit.measures.pairs import shuffles
from mmaudit.seeds import Words

KINDS = ("random", "similar", "adjacent")
CLUSTER = 50


def strata(kind: str, both: NDArray[np.float32], order: Ints, draw: Words) -> Ints:
    """Among which pairs a kind of mismatch exchanges partners, ``(n,)``.

    Args:
        kind: ``random``: among all; ``similar``: inside clusters; ``adjacent``: with the next row
            of the file.
        both: Both sides of each pair, side by side, in rows of length one, ``(n, d + e)``.
        order: Row of each pair in the file, ``(n,)``.
        draw: Randomness.
    """
    if kind == "random":
        return np.zeros(len(both), np.int64)
    if kind == "similar":
        return shuffles.clusters(both, max(1, len(both) // CLUSTER), draw)
    return np.argsort(np.argsort(order, kind="stable"), kind="stable") // 2


def plant(within: Ints, keys: shuffles.Keys, share: float, draw: Words) -> Ints:
    """Exchange the right sides of a share of the pairs, two by two, with strangers.

    Args:
        within: Stratum of each pair, ``(n,)``.
        keys: Numbers that no two strangers share, ``(n,)`` each.
        share: Share of all pairs, as far as strangers go.
        draw: Randomness.

    Returns:
        Row of the right partner of each left row, ``(n,)``.
    """
    n = len(within)
    partner = np.arange(n)
    pairs = shuffles.shuffled(within, keys, draw)
    donor = np.full(n, -1, np.int64)
    donor[pairs.left] = pairs.right
    wanted = round(share * n)
    for row in draw.permutation(n, 2000).tolist():
        other = int(donor[row])
        if wanted < 2:
            break
        if other >= 0 and partner[row] == row and partner[other] == other:
            partner[[row, other]] = other, row
            wanted -= 2
    return partner
