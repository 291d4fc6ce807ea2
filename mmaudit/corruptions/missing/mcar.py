"""MCAR: cells are absent completely at random, and every sample keeps at least one modality."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mmaudit.corruptions import row_selection
from mmaudit.corruptions.base import Plan, Rows
from mmaudit.corruptions.missing._cells import keep_one, removable
from mmaudit.errors import UsageError


class Severity(NamedTuple):
    """How much is missing."""

    cell_rate: float  # share of the cells that are there


def mask(rows: Rows, severity: Severity, seed: int) -> NDArray[np.bool_]:
    """Choose exactly the asked number of cells, sparing one cell of every row.

    Raises:
        UsageError: The rate cannot be reached if every row keeps a modality.
    """
    cells = int(rows.present.sum())
    k, free = row_selection.count(severity.cell_rate, cells), removable(rows.present)
    if k > free:
        raise UsageError(
            f"{severity.cell_rate:g} of {cells} cells cannot be missing while every sample keeps "
            f"one modality: at most {free} can",
            fix="a lower severity, or missing/mcar_modality, where a sample may lose everything",
        )
    return keep_one(rows, k, seed, "missing/mcar")


PLAN = Plan(
    plan=mask,
    makes="mask",
    severities=tuple(Severity(s) for s in (0.1, 0.2, 0.3, 0.4, 0.5)),
    units={"cell_rate": "share of all values"},
    source="CPM-Nets (NeurIPS 2019) missing rate: missing cells / (samples x modalities), each "
    "sample keeps one; there within 0.005 by rejection, here exact and nested over rates",
    rate_of="cells",
)
