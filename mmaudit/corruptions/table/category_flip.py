"""Category flip: some categories are replaced by another one that the column knows."""

from typing import Any, NamedTuple

from numpy.typing import NDArray

from mmaudit.corruptions.base import Corruption
from mmaudit.corruptions.table._cells import hit_cells, where
from mmaudit.doses.base import Column
from mmaudit.doses.table import SHARE_CHANGED
from mmaudit.seeds import Words


class Severity(NamedTuple):
    """How much is wrong."""

    share: float  # of the categorical cells


def flip_categories(
    clean: NDArray[Any], severity: Severity, words: Words, *, column: Column
) -> NDArray[Any]:
    """Replace a share of the categories by another of their column, ``(column,)``.

    All others are alike likely. A cell whose column knows no other category stays.
    """
    able = where(clean, lambda cell: isinstance(cell, str))
    worse = clean.copy()
    draws = words.uniforms(clean.size, 2)
    for i in hit_cells(severity.share, able, words):
        categories = column.categories[i] if i < len(column.categories) else ()
        others = [category for category in categories if category != clean[i]]
        if others:
            worse[i] = others[int(draws[i] * len(others))]
    return worse


CORRUPTION = Corruption(
    apply=flip_categories,
    severities=tuple(Severity(s) for s in (0.1, 0.25, 0.5, 0.75, 1.0)),
    units={"share": "share of the categories"},
    keeps=frozenset({"shape", "dtype", "length", "cells"}),
    dose=SHARE_CHANGED,
    needs=("column",),
    source="misclassified categorical fields; attribute noise of Zhu and Wu 2004, "
    "doi:10.1007/s10462-004-0751-8: with probability x another value of the domain at random",
)
