"""A linear two-tower head trained on the other folds (InfoNCE), so no pair scores itself."""

import numpy as np

from mmaudit.measures import pair_similarity, two_tower
from mmaudit.measures.detectors.base import Floats, Indices, Scorer, Sides

COLUMNS = ("head", "head_z")
FEW = 5000  # below this, more folds and more epochs


def fold_count(n: int) -> int:
    """How many folds a set of ``n`` pairs is cut into."""
    return 5 if n < FEW else 3


def recipe(n: int) -> two_tower.Recipe:
    """How the head of a set of ``n`` pairs is trained."""
    epochs = 20 if n < FEW else 6
    return two_tower.Recipe(epochs=epochs, batch=256, gradient=two_tower.info_nce)


def fit(sides: Sides) -> Scorer:
    """Train one head a fold on all other folds, and embed the fold with it.

    Returns:
        Scorer of `COLUMNS`: the cosine of the head, and its distance from the mean of both
        sides' cosines within the fold in standard deviations. Both rows of a pair must be of one
        fold: the heads of two folds are two spaces.
    """
    n = len(sides.left)
    shape = (n, two_tower.DIMENSIONS)
    left, right = np.empty(shape, np.float32), np.empty(shape, np.float32)
    stats = np.empty((4, n), np.float32)
    for fold in np.unique(sides.fold):
        here = sides.fold == fold
        words = sides.words(f"head/{fold}")
        towers = two_tower.fit(sides.left[~here], sides.right[~here], recipe(n), words)
        left[here], right[here] = towers[0](sides.left[here]), towers[1](sides.right[here])
        null = pair_similarity.null(left[here], right[here])
        stats[:, here] = [null.left_mean, null.left_sd, null.right_mean, null.right_sd]
    moments = pair_similarity.Null(*stats)

    def score(i: Indices, j: Indices) -> Floats:
        if (sides.fold[i] != sides.fold[j]).any():
            raise ValueError("both rows of a pair must be of one fold")
        cosines = pair_similarity.cosine(left, right, i, j)
        return np.stack([cosines, pair_similarity.standardised(cosines, moments, i, j)], axis=1)

    return score
