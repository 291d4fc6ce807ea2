"""Plain features of the values of some samples, for what is learnt from them."""

from dataclasses import dataclass

import numpy as np

from mmaudit.arrays import Bools, Floats, Ints
from mmaudit.models import plain_features
from mmaudit.samples.dataset import Dataset
from mmaudit.samples.decode import column
from mmaudit.samples.memory import spans


@dataclass(frozen=True, slots=True)
class ValueFeatures:
    """Features of one modality.

    Attributes:
        rows: The features, ``(n, d)``; the mean of the others where there is no value.
        there: Whether there is a value, ``(n,)``.
    """

    rows: Floats
    there: Bools


class FeatureReader:
    """Features of samples of a dataset, each of which is decoded once, whoever asks for it."""

    def __init__(self, dataset: Dataset, memory: int) -> None:
        """Begin.

        Args:
            dataset: The samples.
            memory: Bytes that decoded samples may take.
        """
        self._dataset, self._memory = dataset, memory
        self._held: dict[str, dict[int, Floats | None]] = {}

    def of(self, modality: str, positions: Ints) -> ValueFeatures | None:
        """Features of a modality; None where its kind has none, or no sample has a value.

        Args:
            modality: The modality.
            positions: Which samples, ``(n,)``, in any order.
        """
        if self._dataset.kinds[modality] not in plain_features.featured():
            return None
        values = self._held.setdefault(modality, {})
        ordered = np.sort(positions)
        self._read(modality, ordered[[int(at) not in values for at in ordered]])
        present = [value for at in ordered if (value := values[int(at)]) is not None]
        if not present:
            return None
        mean: Floats = np.mean(present, axis=0)
        some = [values[int(at)] for at in positions]
        rows = np.stack([mean if value is None else value for value in some])
        return ValueFeatures(rows, np.array([value is not None for value in some]))

    def _read(self, modality: str, positions: Ints) -> None:
        dataset, kind = self._dataset, self._dataset.kinds[modality]
        parts = spans(dataset, positions, self._memory, modality=modality)
        for span in parts if positions.size else ():
            decoded, _ = column(dataset.cells(modality, span), kind, dataset.shape(modality))
            present = [value for value in decoded if value is not None]
            rows = iter(plain_features.features(kind, present) if present else ())
            self._held[modality] |= {
                int(at): None if value is None else np.asarray(next(rows), np.float64)
                for at, value in zip(span, decoded, strict=True)
            }
