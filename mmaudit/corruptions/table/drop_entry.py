"""Drop entry: some cells are empty, as fields that nobody filled in."""

from typing import Any, NamedTuple

from numpy.typing import NDArray

from mmaudit.corruptions.base import Corruption
from mmaudit.corruptions.table._cells import hit_cells, where
from mmaudit.doses.table import SHARE_CHANGED
from mmaudit.seeds import Words


class Severity(NamedTuple):
    """How much is lost."""

    share: float  # of the cells that are filled


def drop_cells(clean: NDArray[Any], severity: Severity, words: Words) -> NDArray[Any]:
    """Empty a share of the filled cells, ``(column,)``."""
    worse = clean.copy()
    filled = where(clean, lambda cell: cell is not None)
    worse[hit_cells(severity.share, filled, words)] = None
    return worse


CORRUPTION = Corruption(
    apply=drop_cells,
    severities=tuple(Severity(s) for s in (0.1, 0.2, 0.3, 0.4, 0.5)),
    units={"share": "share of the filled cells"},
    keeps=frozenset({"shape", "dtype", "length", "cells"}),
    dose=SHARE_CHANGED,
    source="MultiBench (arXiv:2107.07502) drop_entry, rates 0 to 1 by 0.1; there zero is written, "
    "here the cell is empty",
)
