"""MCAR by modality: each modality is absent at the same exact rate, independent of the others."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mmaudit.corruptions import row_selection
from mmaudit.corruptions.base import Plan, Rows


class Severity(NamedTuple):
    """How much is missing."""

    rate: float  # share of the values of each modality


def mask(rows: Rows, severity: Severity, seed: int) -> NDArray[np.bool_]:
    """Choose exactly a share of the values of every modality; a sample may lose everything."""
    keys = row_selection.numbers(rows, seed, "missing/mcar_modality", len(rows.modalities))
    columns = [
        row_selection.some(keys[:, m], there, row_selection.count(severity.rate, int(there.sum())))
        for m, there in enumerate(rows.present.T)
    ]
    return np.stack(columns, axis=1)


PLAN = Plan(
    plan=mask,
    makes="mask",
    severities=tuple(Severity(s) for s in (0.1, 0.2, 0.3, 0.4, 0.5)),
    units={"rate": "share of the values of each modality"},
    source="missing completely at random (Rubin 1976, doi:10.1093/biomet/63.3.581), modality by "
    "modality; counts are exact, where coins would give them in expectation",
    rate_of="modality",
)
