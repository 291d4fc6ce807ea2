"""Rematch: the best partner in the pool for a left value whose own partner does not fit."""

import numpy as np
from numpy.typing import NDArray

from mmaudit.measures.pair_similarity import SMALLEST, Floats, Indices, null
from mmaudit.measures.repairing import Keys, strangers

BLOCK = 512


def suggestions(
    left: Floats, right: Floats, suspects: Indices, keys: Keys
) -> tuple[Indices, NDArray[np.float32]]:
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
    for start in range(0, len(suspects), BLOCK):
        rows = suspects[start : start + BLOCK]
        similar = left[rows] @ right.T
        z = (similar - moments.right_mean) / (moments.right_sd + SMALLEST)
        for k, row in enumerate(rows.tolist()):
            z[k, ~strangers(keys, np.full(len(everyone), row), everyone)] = -np.inf
        chosen = z.argmax(1)
        there = np.isfinite(z[np.arange(len(rows)), chosen])
        best[start : start + BLOCK] = np.where(there, chosen, -1)
        cosine[start : start + BLOCK] = similar[np.arange(len(rows)), chosen]
    return best, cosine
