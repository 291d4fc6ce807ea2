"""Rank correlation of two columns, such as trust and loss, whose draws are cheap of many units.

References:
    Spearman 1904, "The proof and measurement of association between two things",
    doi:10.2307/1412159
"""

import numpy as np
from numpy.typing import NDArray

from mmaudit.arrays import Floats
from mmaudit.measures.games.overlap import same_information
from mmaudit.measures.intervals.replicates import Replicates
from mmaudit.measures.intervals.streamed import BLOCKS, Chunk, means
from mmaudit.measures.tasks.regression import ranked, spearman


def rank_correlation(
    first: Floats, second: Floats, keys: NDArray[np.uint64], replicates: int
) -> Replicates:
    """Rank correlation of two columns ``(n,)``; its draws are cheap where there are many units.

    Ranks are then not drawn again: a draw moves Fisher's z by the mean of what the drawn units do
    to the correlation.

    Args:
        first: One column.
        second: The other.
        keys: Bootstrap key of each row's unit, ``(n,)``.
        replicates: Bootstrap replicates.
    """
    units = int(np.unique(keys).size)
    if units <= BLOCKS:
        return spearman(first, second, keys, replicates)
    value, pull = same_information(first, second, np.zeros(keys.size, np.int64))
    if abs(value) < 1:  # nothing can be told of two columns that are alike, or of a constant
        pull = pull / (1 - value * value)
        chunk = Chunk(keys, pull[:, None], np.zeros((1, keys.size), np.int64))
        (moved,) = means(("pull",), [chunk].__iter__, replicates=replicates)
        return ranked(value, np.tanh(np.arctanh(value) + moved.draws[:, 0, 0]), units, keys.size)
    return ranked(value, np.full(replicates, value), units, keys.size)
