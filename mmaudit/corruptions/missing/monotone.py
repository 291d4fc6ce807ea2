"""Monotone: who lacks a modality lacks all later ones too, as when people leave a study."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mmaudit.corruptions import row_selection
from mmaudit.corruptions.base import Plan, Rows
from mmaudit.errors import UsageError


class Severity(NamedTuple):
    """How much is missing."""

    last_rate: float  # share of the samples that lack the last modality


def mask(rows: Rows, severity: Severity, seed: int) -> NDArray[np.bool_]:
    """Take modalities away from the last to the second; the first stays complete.

    In the manifest's order, modality ``j`` of ``M`` (counted from 0) is absent in exactly the
    share ``last_rate j / (M - 1)`` of the samples, and these are contained in those of ``j + 1``.

    Raises:
        UsageError: There is one modality only.
    """
    last = len(rows.modalities) - 1
    if not last:
        raise UsageError("missing/monotone needs two modalities", fix="missing/mcar_modality")
    keys = row_selection.numbers(rows, seed, "missing/monotone")[:, 0]
    everyone = np.ones(len(rows.ids), np.bool_)
    counts = [
        row_selection.count(severity.last_rate * j / last, len(rows.ids)) for j in range(last + 1)
    ]
    return np.stack([row_selection.some(keys, everyone, k) for k in counts], axis=1) & rows.present


PLAN = Plan(
    plan=mask,
    makes="mask",
    severities=tuple(Severity(s) for s in (0.1, 0.3, 0.5, 0.7, 0.9)),
    units={"last_rate": "share of the samples, of the last modality"},
    source="monotone pattern (Little and Rubin 2019, Statistical Analysis with Missing Data, "
    "1.2); rates rise linearly along the modalities",
)
