"""A linear two-tower head trained on the other folds (InfoNCE), so no pair scores itself."""

from dataclasses import dataclass

import numpy as np

from mmaudit.arrays import Ints, Vectors
from mmaudit.measures.pairs import similarity, two_tower
from mmaudit.measures.pairs.detectors.base import Sides

COLUMNS = ("head", "head_z")
FEW = 5000  # below this, more folds and more epochs


def fold_count(n: int) -> int:
    """How many folds a set of ``n`` pairs is cut into."""
    return 5 if n < FEW else 3


def recipe(n: int) -> two_tower.Schedule:
    """How the head of a set of ``n`` pairs is trained."""
    epochs = 20 if n < FEW else 6
    return two_tower.Schedule(epochs=epochs, batch=256, gradient=two_tower.info_nce)


@dataclass(frozen=True, slots=True)
class Head:
    """One head a fold, and every row in the space of the head that did not see it.

    Attributes:
        fold: Fold of each sample, ``(n,)``.
        towers: Left and right tower of each fold.
        left: Left rows, each in its own fold's space, ``(n, k)``.
        right: Right rows, likewise.
        moments: Null moments within each fold.
    """

    fold: Ints
    towers: dict[int, tuple[two_tower.Tower, two_tower.Tower]]
    left: Vectors
    right: Vectors
    moments: similarity.Null

    def __call__(self, i: Ints, j: Ints) -> Vectors:
        """Score pairs of one fold by `COLUMNS`, ``(pair, 2)``.

        The columns are the cosine of the head, and its distance from the mean of both sides'
        cosines within the fold in standard deviations.

        Raises:
            ValueError: A pair's rows are of two folds, whose heads are two spaces.
        """
        if (self.fold[i] != self.fold[j]).any():
            raise ValueError("both rows of a pair must be of one fold")
        cosines = similarity.cosine(self.left, self.right, i, j)
        z = similarity.standardised(cosines, self.moments, i, j)
        return np.stack([cosines, z], axis=1)


def fit(sides: Sides) -> Head:
    """Train one head a fold on all other folds, and embed the fold with it."""
    n = len(sides.left)
    left, right = (np.empty((n, two_tower.DIMENSIONS), np.float32) for _ in range(2))
    stats = np.empty((4, n), np.float32)
    fitted = {}
    for fold in np.unique(sides.fold).tolist():
        here, others = np.flatnonzero(sides.fold == fold), np.flatnonzero(sides.fold != fold)
        draw = sides.words(f"head/{fold}")
        towers = two_tower.fit(sides.left, sides.right, recipe(n), draw, others)
        left[here], right[here] = towers[0](sides.left, here), towers[1](sides.right, here)
        null = similarity.null(left[here], right[here])
        stats[:, here] = [null.left_mean, null.left_sd, null.right_mean, null.right_sd]
        fitted[fold] = towers
    return Head(sides.fold, fitted, left, right, similarity.Null(*stats))
