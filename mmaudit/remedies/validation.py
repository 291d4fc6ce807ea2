"""Which training rows are held out: the same for every method, by the seed, classes in proportion.

With many rows a share is held out, and parameters are those of the best look at it. With few, a
handful of rows would choose, and training on fewer costs more: there the setting is chosen by folds
and the method is trained on all rows, to the end.
"""

from dataclasses import dataclass

import numpy as np

from mmaudit.arrays import Ints
from mmaudit.remedies.data import FusionData
from mmaudit.seeds import words

FEW = 500  # training rows below which settings are chosen by folds
FOLDS = 3
Pair = tuple[Ints, Ints]  # rows that are trained on, and rows that are held out


@dataclass(frozen=True, slots=True, eq=False)
class HoldOut:
    """How the rows of one seed are cut.

    Attributes:
        pairs: One, or one a fold; all first halves have one length, all second ones another.
        refits: Whether the method is trained again on all rows with the best setting.
    """

    pairs: tuple[Pair, ...]
    refits: bool


def split(data: FusionData, seed: int, share: float) -> HoldOut:
    """Cut the training rows.

    Args:
        data: The rows.
        seed: The seed.
        share: What is held out where there are many rows.
    """
    parts = FOLDS if len(data) < FEW else max(2, round(1 / share))
    part = _parts(data, seed, parts)
    if len(data) >= FEW:
        return HoldOut(
            _even([(np.flatnonzero(part != 0), np.flatnonzero(part == 0))]), refits=False
        )
    return HoldOut(
        _even([(np.flatnonzero(part != k), np.flatnonzero(part == k)) for k in range(parts)]),
        refits=True,
    )


def _parts(data: FusionData, seed: int, parts: int) -> Ints:
    """Number of the part of each row: groups stay whole, classes are dealt out in turn."""
    units = np.arange(len(data)) if data.groups is None else data.groups
    _, first, unit = np.unique(units, return_index=True, return_inverse=True)
    order = words(seed, "remedies/validation").permutation(len(first))
    if data.task == "class":
        order = order[np.argsort(data.labels[first][order], kind="stable")]
    part = np.empty(len(first), np.int64)
    part[order] = np.arange(len(first)) % parts
    return part[unit.reshape(-1)]


def _even(pairs: list[Pair]) -> tuple[Pair, ...]:
    """Folds of one length: lanes are stacked, so the longer ones leave out a row or two."""
    trained, held = (min(len(pair[i]) for pair in pairs) for i in (0, 1))
    return tuple((a[:trained], b[:held]) for a, b in pairs)
