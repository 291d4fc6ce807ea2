"""Training samples that are nearest to a sample by what both have.

The distance is Gower's: the mean, over the modalities that both samples have, of the mean squared
difference of standardised numbers. So a training sample that lacks a modality is compared by the
others, and a modality of many numbers weighs as much as one of few.

References:
    Gower 1971, "A general coefficient of similarity and some of its properties",
    doi:10.2307/2528823 (the mean over what both have; there of absolute differences by range)
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from mmaudit.arrays import Bools, Floats, Ints
from mmaudit.imputers.base import Incomplete, TrainingSet
from mmaudit.imputers.numbers.descriptors import Descriptor, descriptor


@dataclass(frozen=True, slots=True, eq=False)
class Neighbours:
    """Training samples, described.

    Attributes:
        training: The samples.
        descriptors: How values of each modality are described.
        descriptions: Standardised numbers of each modality, ``(n, d)``; 0 where it is absent.
        lengths: Squared length of each, ``(n,)``.
    """

    training: TrainingSet
    descriptors: Mapping[str, Descriptor]
    descriptions: Mapping[str, Floats]
    lengths: Mapping[str, Floats]

    def each(
        self, samples: Incomplete, modality: str, pick: Callable[[Ints, bool], Any]
    ) -> list[Any]:
        """What is picked for every sample that lacks a modality.

        Args:
            samples: The samples.
            modality: The modality.
            pick: Called with the training samples that have it, nearest first, and with whether
                anything of the sample is present; else their order is the sample's own, by chance.
        """
        described = self._described(samples)
        there = np.flatnonzero(self.training.present[modality])
        absent = ~np.asarray(samples.present[modality], bool)
        picked = []
        for row in np.flatnonzero(absent):
            shown = samples.pattern(int(row), modality)
            if shown:
                own = {m: described[m][0][described[m][1][row]] for m in shown}
                order = there[np.argsort(self._distances(own)[there], kind="stable")]
            else:
                order = np.roll(there, -int(samples.words[row] % np.uint64(there.size)))
            picked.append(pick(order, bool(shown)))
        return picked

    def _described(self, samples: Incomplete) -> dict[str, tuple[Floats, Ints]]:
        """The descriptions of what is present, and which of them is that of each sample."""
        out = {}
        for m, one in self.descriptors.items():
            there = np.asarray(samples.present[m], bool)
            some = one.describe([samples.values[m][int(i)] for i in np.flatnonzero(there)])
            out[m] = some, np.cumsum(there) - 1
        return out

    def _distances(self, own: Mapping[str, Floats]) -> Floats:
        """From one sample to every training sample, ``(n,)``; infinite where nothing is shared."""
        total = np.zeros(len(self.training))
        shared = np.zeros(len(self.training))
        for m, description in own.items():
            there: Bools = self.training.present[m]
            # row by row and without BLAS: the same bits whatever is in the batch
            inner = np.einsum("nd,d->n", self.descriptions[m], description)
            apart = (
                self.lengths[m] - 2 * inner + float(np.einsum("d,d->", description, description))
            )
            total[there] += np.maximum(apart[there], 0.0) / description.size
            shared += there
        return np.where(shared > 0, total / np.maximum(shared, 1), np.inf)


def neighbours(training: TrainingSet) -> Neighbours:
    """Training samples, described; each modality must be there at least once."""
    descriptors, descriptions = {}, {}
    for m, there in training.present.items():
        values = [training.values[m][i] for i in np.flatnonzero(there)]
        descriptors[m] = descriptor(training.kinds[m], values)
        numbers = descriptors[m].describe(values)
        descriptions[m] = np.zeros((len(training), numbers.shape[1]))
        descriptions[m][there] = numbers
    lengths = {m: np.einsum("nd,nd->n", x, x) for m, x in descriptions.items()}
    return Neighbours(training, descriptors, descriptions, lengths)
