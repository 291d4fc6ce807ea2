"""Scores: numbers of a sample on which it depends what is missing."""

import numpy as np
from numpy.typing import NDArray

from mmaudit.arrays import Bools, Floats
from mmaudit.corruptions import row_selection
from mmaudit.corruptions.base import Rows
from mmaudit.errors import UsageError

FIX = "a dataset with a number in a slice column, or missing/mcar, which needs none"


def driver(rows: Rows) -> tuple[str, Floats]:
    """The number that decides for missing at random: it is always there itself, name and ``(n,)``.

    It is the first metadata column in the order of names, else the number of the first modality
    that has one; that modality then stays complete.

    Raises:
        UsageError: There is no number.
    """
    names = sorted(rows.scores, key=lambda name: (name in rows.modalities, name))
    if not names:
        raise UsageError("missing/mar needs a number for each sample", fix=FIX)
    return names[0], rows.scores[names[0]]


def own(rows: Rows, modality: str) -> Floats:
    """The number of a modality itself, ``(n,)``.

    Raises:
        UsageError: There is none.
    """
    if modality not in rows.scores:
        raise UsageError(f"missing/mnar needs a number of {modality!r} for each sample", fix=FIX)
    return rows.scores[modality]


def high_first(
    there: Bools,
    keys: NDArray[np.uint64],
    score: Floats,
    rate: float,
    strength: float,
) -> Bools:
    """Exactly a share of the rows that are there, those with high scores more often, ``(n,)``.

    Args:
        there: Rows to choose from, ``(n,)``.
        keys: As of `row_selection.likely`, like the score and the strength.
        score: Likewise.
        rate: Share of the rows that are there.
        strength: Likewise.
    """
    order = row_selection.likely(keys, score, strength)
    return row_selection.first(order, there, row_selection.count(rate, int(there.sum())))
