"""Rematch: the best partner in the pool for a left value whose own partner does not fit."""

import numpy as np
from numpy.typing import NDArray

from mmaudit.arrays import Ints, Vectors
from mmaudit.measures.pairs.shuffles import Keys, strangers
from mmaudit.measures.pairs.similarity import SMALLEST, null

MOST_AT_ONCE = 512  # suspects
CELLS = 1 << 26  # similarities held at once


def suggestions(
    left: Vectors, right: Vectors, suspects: Ints, keys: Keys
) -> tuple[Ints, NDArray[np.float32]]:
    """Best right row for each suspect, by its distance from what that right row has with anything.

    Args:
        left: Rows of length one, ``(n, d)``.
        right: Rows of length one in the same space.
        suspects: Rows whose partner is in doubt, ``(k,)``.
        keys: Numbers that no two strangers share: kin of the suspect are not suggested.

    Returns:
        The right row, -1 where there is none, and its cosine, ``(k,)`` each.
    """
    best = np.full(len(suspects), -1, np.int64)
    cosine = np.zeros(len(suspects), np.float32)
    if not len(suspects):
        return best, cosine
    moments = null(left, right)
    everyone = np.arange(len(right))
    block = min(MOST_AT_ONCE, max(1, CELLS // len(right)))
    for start in range(0, len(suspects), block):
        rows = suspects[start : start + block]
        similar = left[rows] @ right.T
        z = similar - moments.right_mean
        z /= moments.right_sd + SMALLEST
        for k, row in enumerate(rows.tolist()):
            z[k, ~strangers(keys, np.full(len(everyone), row), everyone)] = -np.inf
        nearest = z.argmax(1)
        there = np.isfinite(z[np.arange(len(rows)), nearest])
        best[start : start + block] = np.where(there, nearest, -1)
        cosine[start : start + block] = similar[np.arange(len(rows)), nearest]
    return best, cosine
