"""Table features: numbers of rows of a table, which cells are empty, and frequent categories."""

from collections import Counter
from collections.abc import Sequence

import numpy as np

from mmaudit.arrays import Bools, Cells, Floats
from mmaudit.kinds.base import load_kind
from mmaudit.samples.dataset import Dataset

MOST_CATEGORIES = 10  # of a column that have a feature


def is_table(dataset: Dataset, modality: str) -> bool:
    """Whether a modality is rows of named columns."""
    entry = dataset.manifest.modalities[modality]
    return load_kind(entry.kind).columns == "several" and bool(entry.columns)


def numbers(dataset: Dataset, modality: str, rows: Sequence[Cells | None]) -> Floats:
    """Cells of the number columns, ``(row, column)``; NaN where one is empty, or the row absent."""
    entry = dataset.manifest.modalities[modality]
    at = [i for i, name in enumerate(entry.columns) if name not in entry.categorical]
    cells = np.full((len(rows), len(at)), np.nan)
    for cell, row in zip(cells, rows, strict=True):
        if row is not None:
            cell[:] = [value if isinstance(value, float) else np.nan for value in row[at]]
    return cells


def features(dataset: Dataset, modality: str, rows: Sequence[Cells | None]) -> Floats:
    """Numbers, whether each is empty, and frequent categories, ``(row, feature)``.

    An empty number is the mean of the others of its column.
    """
    entry = dataset.manifest.modalities[modality]
    cells = numbers(dataset, modality, rows)
    empty: Bools = np.isnan(cells)
    counts = np.maximum((~empty).sum(axis=0), 1)
    filled = np.where(empty, np.where(empty, 0.0, cells).sum(axis=0) / counts, cells)
    categories = [
        _categories([None if row is None else row[i] for row in rows])
        for i, name in enumerate(entry.columns)
        if name in entry.categorical
    ]
    return np.concatenate([filled, empty[:, empty.any(axis=0)], *categories], axis=1).astype(
        np.float64
    )


def _categories(cells: Sequence[object]) -> Bools:
    """Whether each cell is each of the most frequent categories, ``(row, category)``."""
    counts = Counter(str(cell) for cell in cells if cell is not None)
    some = sorted(counts, key=lambda name: (-counts[name], name))[:MOST_CATEGORIES]
    names = np.array(["" if cell is None else str(cell) for cell in cells])
    return np.asarray(names[:, None] == np.array(some, names.dtype))
