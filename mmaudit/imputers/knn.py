"""The mean of the k training samples that are nearest by what is present: ``knn:5``.

Only where values have a mean: vectors, rows of a table (of categories the most frequent), and
series of one length. With nothing present it is the mean of all training samples.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from mmaudit.arrays import Ints
from mmaudit.imputers.base import Incomplete, TrainingSet, check_there, refused
from mmaudit.imputers.numbers.neighbours import Neighbours, neighbours

SOURCE = (
    "Troyanskaya et al. 2001, doi:10.1093/bioinformatics/17.6.520, over modalities in place of "
    "genes; distance by Gower 1971, doi:10.2307/2528823; unweighted"
)
COUNT = 5
SEVERAL = False


@dataclass(frozen=True, slots=True, eq=False)
class Knn:
    """The training samples, and over how many a mean goes."""

    near: Neighbours
    k: int

    def fill(self, samples: Incomplete, modality: str) -> list[list[Any]]:
        """One value for each absent one, as `mmaudit.imputers.base.Fitted.fill`."""
        described, one = self.near.descriptions[modality], self.near.descriptors[modality]

        def mean(order: Ints, any_present: bool) -> Any:  # noqa: FBT001  it is called by position
            some = order[: self.k] if any_present else np.sort(order)
            return one.value(described[some].mean(axis=0))

        return [self.near.each(samples, modality, mean)]


def fit(training: TrainingSet, count: int) -> Knn:
    """Describe the training samples, as `mmaudit.imputers.base.Imputer.fit`."""
    policy = f"knn:{count}"
    check_there(training, policy, count)
    near = neighbours(training)
    for m, one in near.descriptors.items():
        if one.exact:
            raise refused(policy, m, training.kinds[m], one.exact)
    return Knn(near, count)
