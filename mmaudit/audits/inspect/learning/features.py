"""Features of the values of some samples, plain or brought, for what is learnt from them."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np

from mmaudit.arrays import Bools, Floats, Ints, Reals
from mmaudit.audits.inspect.learning import embedded, table_features
from mmaudit.audits.inspect.learning.table_features import is_table
from mmaudit.models import plain_features
from mmaudit.samples.dataset import Dataset
from mmaudit.samples.decode import column
from mmaudit.samples.memory import release, spans


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

    def __init__(
        self, dataset: Dataset, memory: int, embeddings: Mapping[str, Reals] = MappingProxyType({})
    ) -> None:
        """Begin.

        Args:
            dataset: The samples.
            memory: Bytes that decoded samples may take.
            embeddings: Vectors of the modalities that have them, ``(n, d)`` each, which stand in
                for plain features; a row of NaN where there is none.
        """
        self._dataset, self._memory, self._embeddings = dataset, memory, embeddings
        self._held: dict[str, dict[int, Any]] = {}  # features, or the cells of a table

    @property
    def names(self) -> str:
        """What they are, for a person."""
        if not self._embeddings:
            return "plain features"
        every = self._embeddings.keys() >= {*self._dataset.modalities}
        return "the given embeddings" if every else "plain features and given embeddings"

    def of(self, modality: str, positions: Ints) -> ValueFeatures | None:
        """Features of a modality; None where its kind has none, or no sample has a value.

        Args:
            modality: The modality.
            positions: Which samples, ``(n,)``, in any order.
        """
        if modality in self._embeddings:
            return _embedded(self._embeddings[modality], positions)
        if is_table(self._dataset, modality):
            return self._of_table(modality, positions)
        if self._dataset.kinds[modality] not in plain_features.featured():
            return None
        some = self._values(modality, positions)
        present = [value for value in some if value is not None]
        if not present:
            return None
        mean: Floats = np.mean(present, axis=0)
        rows = np.stack([mean if value is None else value for value in some])
        return ValueFeatures(rows, np.array([value is not None for value in some]))

    def numbers(self, modality: str, positions: Ints) -> Floats:
        """Cells of the number columns of a table, ``(n, column)``; NaN where one is empty."""
        return table_features.numbers(self._dataset, modality, self._values(modality, positions))

    def _of_table(self, modality: str, positions: Ints) -> ValueFeatures | None:
        some = self._values(modality, positions)
        there = np.array([value is not None for value in some])
        rows = table_features.features(self._dataset, modality, some)
        return ValueFeatures(rows, there) if there.any() and rows.shape[1] else None

    def _values(self, modality: str, positions: Ints) -> list[Any]:
        """What is held of some samples; None where there is no value."""
        values = self._held.setdefault(modality, {})
        ordered = np.sort(positions)
        self._read(modality, ordered[[int(at) not in values for at in ordered]])
        return [values[int(at)] for at in positions]

    def _read(self, modality: str, positions: Ints) -> None:
        dataset, kind = self._dataset, self._dataset.kinds[modality]
        parts = spans(dataset, positions, self._memory, modality=modality)
        for span in parts if positions.size else ():
            decoded, _ = column(dataset.cells(modality, span), kind, dataset.shape(modality))
            present = [value for value in decoded if value is not None]
            rows = iter(present)
            if present and not is_table(dataset, modality):
                rows = iter(plain_features.features(kind, present).astype(np.float64))
            self._held[modality] |= {
                int(at): None if value is None else next(rows)
                for at, value in zip(span, decoded, strict=True)
            }
        release()


def _embedded(rows: Reals, positions: Ints) -> ValueFeatures | None:
    some = np.asarray(rows[positions], np.float64)
    there = embedded.there(some)
    if not there.any():
        return None
    return ValueFeatures(np.where(there[:, None], some, some[there].mean(axis=0)), there)
