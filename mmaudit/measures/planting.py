"""Planting: known mismatches in a scratch copy, to see whether they would be found in this data."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mmaudit.measures import repairing
from mmaudit.measures.detectors.base import Indices
from mmaudit.seeds import Words

KINDS = ("random", "similar", "adjacent")
CLUSTER = 50


@dataclass(frozen=True, slots=True)
class Planted:
    """A scratch copy's right side.

    Attributes:
        partner: Right row of each left row, ``(n,)``.
        kind: Index into `KINDS` of each planted mismatch, -1 for pairs left as they are, ``(n,)``.
    """

    partner: Indices
    kind: NDArray[np.int64]


def plant(
    both: NDArray[np.float32], order: Indices, keys: repairing.Keys, share: float, draw: Words
) -> Planted:
    """Exchange partners in a share of the pairs for each kind of mismatch.

    Args:
        both: Both sides of each pair, side by side, in rows of length one, ``(n, d + e)``.
        order: Rank of each pair in the file, ``(n,)``.
        keys: Numbers that no two strangers share, ``(n,)`` each.
        share: Share of all pairs for each kind.
        draw: Randomness.

    Returns:
        ``random``: with any stranger; ``similar``: with a stranger of the same cluster;
        ``adjacent``: with the stranger next in the file.
    """
    n = len(both)
    partner, kind = np.arange(n), np.full(n, -1, np.int64)
    label = repairing.clusters(both, max(1, n // CLUSTER), draw)
    strata = (np.zeros(n, np.int64), label, order // 2)
    free = draw.permutation(n, 2000)
    for k, within in enumerate(strata):
        pairs = repairing.shuffled(within, keys, draw)
        donor = np.full(n, -1, np.int64)
        donor[pairs.left] = pairs.right
        wanted = round(share * n)
        for row in free.tolist():
            if wanted <= 0:
                break
            other = int(donor[row])
            if other < 0 or kind[row] >= 0 or kind[other] >= 0:
                continue
            partner[[row, other]] = other, row
            kind[[row, other]] = k
            wanted -= 2
    return Planted(partner, kind)
