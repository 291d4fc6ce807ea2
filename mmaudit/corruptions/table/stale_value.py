"""Stale value: some cells are those of another record, as from a cache that was not renewed."""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mmaudit.corruptions.base import Corruption
from mmaudit.corruptions.table._cells import hit_cells
from mmaudit.doses.table import SHARE_CHANGED
from mmaudit.seeds import Words


class Severity(NamedTuple):
    """How much is another record's."""

    share: float  # of the cells


def keep_stale(
    clean: NDArray[Any],
    severity: Severity,
    words: Words,
    *,
    donors: tuple[NDArray[Any], ...],
) -> NDArray[Any]:
    """Take a share of the cells from another sample, ``(column,)``."""
    worse = clean.copy()
    stale = hit_cells(severity.share, np.arange(min(clean.size, donors[0].size)), words)
    worse[stale] = donors[0][stale]
    return worse


CORRUPTION = Corruption(
    apply=keep_stale,
    severities=tuple(Severity(s) for s in (0.1, 0.2, 0.3, 0.4, 0.5)),
    units={"share": "share of the cells"},
    keeps=frozenset({"shape", "dtype", "length", "cells"}),
    dose=SHARE_CHANGED,
    needs=("donors",),
    donors=1,
    source="values that belong to another record, keeping each column's distribution; shares are "
    "those of MultiBench (arXiv:2107.07502)",
)
