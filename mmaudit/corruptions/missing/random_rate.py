"""Random rate: cells are absent at a missing rate as far as every sample keeps one modality."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mmaudit.corruptions import row_selection
from mmaudit.corruptions.base import Plan, Rows
from mmaudit.corruptions.missing._cells import keep_one, removable


class Severity(NamedTuple):
    """How much is missing."""

    missing_rate: float  # share of the cells that are there


def mask(rows: Rows, severity: Severity, seed: int) -> NDArray[np.bool_]:
    """Choose cells at the missing rate, or all that can be missing where that is less."""
    k = row_selection.count(severity.missing_rate, int(rows.present.sum()))
    return keep_one(rows, min(k, removable(rows.present)), seed, "missing/random_rate")


PLAN = Plan(
    plan=mask,
    makes="mask",
    severities=tuple(Severity(s) for s in (0.1, 0.2, 0.3, 0.5, 0.7)),
    units={"missing_rate": "share of all values"},
    source="MR of GCNet (arXiv:2203.02177) and IMDer (NeurIPS 2023): 1 - available cells / "
    "(samples x modalities), 0 to 0.7, each sample keeps one, so 0.7 of three modalities is really "
    "0.667; there rate 0 may index the last entry and lose everything, here 0 is 0",
    rate_of="cells",
)
