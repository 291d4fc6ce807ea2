"""LEMoN: do the nearest items of one side have partners like the other side?"""

from dataclasses import dataclass

import numpy as np

from mmaudit.arrays import Ints, Vectors
from mmaudit.measures.pairs import neighbours, similarity
from mmaudit.measures.pairs.detectors.base import Scorer, Sides
from mmaudit.measures.pairs.neighbours import Nearest

COLUMNS = ("neighbours_left", "neighbours_right")


@dataclass(frozen=True, slots=True)
class Near:
    """Nearest neighbours of every item on its own side.

    Attributes:
        left: Of the left items.
        right: Of the right ones.
    """

    left: Nearest
    right: Nearest


def near(sides: Sides) -> Near:
    """Find them, among `neighbours.REFERENCE` items at most."""
    n = len(sides.left)
    reference = np.sort(sides.words("reference").permutation(n)[: neighbours.REFERENCE])
    return Near(*(neighbours.nearest(x, reference) for x in (sides.left, sides.right)))


def fit(sides: Sides, around: Near) -> Scorer:
    """Score pairs by what is around them.

    Returns:
        Scorer of `COLUMNS`: minus LEMoN's two terms.
    """
    paired = similarity.paired_cosine(sides.left, sides.right) if sides.shared else None

    def score(i: Ints, j: Ints) -> Vectors:
        terms = (
            neighbours.disagreement(around.left, i, j, sides.right, sides.copy, paired),
            neighbours.disagreement(around.right, j, i, sides.left, sides.copy, paired),
        )
        return -np.stack(terms, axis=1)

    return score
