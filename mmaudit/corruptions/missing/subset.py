"""Subset: the same one modality is absent in many or all samples."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mmaudit.corruptions import row_selection
from mmaudit.corruptions.base import Plan, Rows
from mmaudit.seeds import words


class Severity(NamedTuple):
    """How many samples lack it."""

    row_rate: float  # share of the samples


def mask(rows: Rows, severity: Severity, seed: int) -> NDArray[np.bool_]:
    """Take one modality away from exactly a share of the samples; from all at severity 5.

    Which one follows from the seed; ``missing/subset:5@text`` names it, and several of them in a
    row leave any subset.
    """
    n = len(rows.ids)
    which = int(words(seed, "missing/subset").integers(1, len(rows.modalities))[0])
    keys = row_selection.numbers(rows, seed, "missing/subset")[:, 0]
    out = np.zeros(rows.present.shape, np.bool_)
    out[:, which] = row_selection.some(
        keys, np.ones(n, np.bool_), row_selection.count(severity.row_rate, n)
    )
    return out & rows.present


PLAN = Plan(
    plan=mask,
    makes="mask",
    severities=tuple(Severity(s) for s in (0.2, 0.4, 0.6, 0.8, 1.0)),
    units={"row_rate": "share of the samples"},
    source="fixed missing protocol of MMIN (ACL 2021): test sets in which the same modalities are "
    "absent from every sample",
)
