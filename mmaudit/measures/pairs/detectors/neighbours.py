"""LEMoN: do the nearest items of one side have partners like the other side?"""

import numpy as np

from mmaudit.arrays import Ints, Vectors
from mmaudit.measures.pairs import neighbours, similarity
from mmaudit.measures.pairs.detectors.base import Scorer, Sides

COLUMNS = ("neighbours_left", "neighbours_right")


def fit(sides: Sides) -> Scorer:
    """Find the nearest neighbours of every item on its own side.

    Returns:
        Scorer of `COLUMNS`: minus LEMoN's two terms.
    """
    n = len(sides.left)
    reference = np.sort(sides.words("reference").permutation(n)[: neighbours.REFERENCE])
    left, right = (neighbours.nearest(x, reference) for x in (sides.left, sides.right))
    paired = similarity.paired_cosine(sides.left, sides.right) if sides.shared else None

    def score(i: Ints, j: Ints) -> Vectors:
        terms = (
            neighbours.disagreement(left, i, j, sides.right, sides.copy, paired),
            neighbours.disagreement(right, j, i, sides.left, sides.copy, paired),
        )
        return -np.stack(terms, axis=1)

    return score
