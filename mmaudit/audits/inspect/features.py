"""Plain features of the values of some samples, for what is learnt from them."""

from dataclasses import dataclass

import numpy as np

from mmaudit.arrays import Bools, Floats, Ints
from mmaudit.kinds.base import load_kind
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


def features(dataset: Dataset, modality: str, positions: Ints, memory: int) -> ValueFeatures | None:
    """Features of a modality; None where its kind has none, or no sample has a value.

    Args:
        dataset: The samples.
        modality: The modality.
        positions: Which samples, ``(n,)``, in any order.
        memory: Bytes that decoded samples may take.
    """
    take = load_kind(dataset.kinds[modality]).features
    if take is None:
        return None
    values: dict[int, Floats] = {}
    for span in spans(dataset, np.sort(positions), memory):
        some, _ = column(
            dataset.cells(modality, span), dataset.kinds[modality], dataset.shape(modality)
        )
        values |= {
            int(at): np.asarray(take(value), np.float64)
            for at, value in zip(span, some, strict=True)
            if value is not None
        }
    if not values:
        return None
    mean: Floats = np.mean(list(values.values()), axis=0)
    rows = np.stack([values.get(int(at), mean) for at in positions])
    return ValueFeatures(rows, np.array([int(at) in values for at in positions]))
