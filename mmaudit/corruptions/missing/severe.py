"""Severe: the first modality is complete, and only a few samples have the others."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mmaudit.corruptions import row_selection
from mmaudit.corruptions.base import Plan, Rows


class Severity(NamedTuple):
    """How much is left."""

    available: float  # share of the samples that have the other modalities


def mask(rows: Rows, severity: Severity, seed: int) -> NDArray[np.bool_]:
    """Keep every modality but the first in exactly a share of the samples, the same for all.

    Applied to one modality, ``missing/severe@text``, that modality is the one with few values.
    """
    n = len(rows.ids)
    keys = row_selection.numbers(rows, seed, "missing/severe")[:, 0]
    lost = row_selection.some(
        keys, np.ones(n, np.bool_), n - row_selection.count(severity.available, n)
    )
    rare = np.arange(len(rows.modalities)) >= min(1, len(rows.modalities) - 1)
    return lost[:, None] & rare & rows.present


PLAN = Plan(
    plan=mask,
    makes="mask",
    severities=tuple(Severity(s) for s in (0.8, 0.6, 0.4, 0.2, 0.1)),
    units={"available": "share of the samples that have the others"},
    source="SMIL (arXiv:2103.05677) severely missing modality: images complete, 10 or 20 % of the "
    "training samples have the second modality (severities 5 and 4)",
    reported=5,
)
