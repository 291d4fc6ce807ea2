"""Cells: which modality of which sample is absent, while every sample keeps one."""

import numpy as np

from mmaudit.arrays import Bools, Floats, Ints
from mmaudit.corruptions import row_selection
from mmaudit.corruptions.base import Rows
from mmaudit.corruptions.entry_selection import smallest


def removable(present: Bools) -> int:
    """How many cells can be absent while every sample keeps one."""
    return int(present.sum()) - int(present.any(axis=1).sum())


def keep_one(rows: Rows, k: int, seed: int, purpose: str) -> Bools:
    """Choose ``k`` cells, sparing one random cell of every row, ``(n, modality)``.

    Args:
        rows: The whole set.
        k: How many; at most `removable`.
        seed: The run's seed.
        purpose: Name of the plan.
    """
    modalities = len(rows.modalities)
    wide = row_selection.numbers(rows, seed, purpose, modalities + 1)
    spare = _spared(rows.present, row_selection.uniforms(wide[:, modalities]))
    free = rows.present.copy()
    free[np.arange(len(rows.ids)), spare] = False
    out = np.zeros(free.shape, np.bool_)
    out[free] = smallest(wide[:, :modalities][free], k)
    return out


def _spared(present: Bools, uniform: Floats) -> Ints:
    """One of the modalities that each row has, at random, ``(n,)``; 0 where it has none."""
    if present.all():
        return (uniform * present.shape[1]).astype(np.int64)
    have = np.cumsum(present, axis=1)
    wanted = np.floor(uniform * have[:, -1]) + 1
    return np.argmax(have >= wanted[:, None], axis=1)
