"""Cosine of the two sides, and the same against all re-pairings; for sides that share a space."""

import numpy as np

from mmaudit.arrays import Ints, Vectors
from mmaudit.measures.pairs import similarity
from mmaudit.measures.pairs.detectors.base import Scorer, Sides

COLUMNS = ("similarity", "similarity_z")


def fit(sides: Sides) -> Scorer:
    """Take the exact moments of all re-pairings.

    Returns:
        Scorer of `COLUMNS`: the cosine, and its distance from the mean of both sides' cosines
        with anything in standard deviations.
    """
    moments = similarity.null(sides.left, sides.right)

    def score(i: Ints, j: Ints) -> Vectors:
        cosines = similarity.cosine(sides.left, sides.right, i, j)
        return np.stack([cosines, similarity.standardised(cosines, moments, i, j)], axis=1)

    return score
