"""MNAR: whether a modality is absent depends on its own value, which is then not seen."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mmaudit.corruptions import row_selection
from mmaudit.corruptions.base import Plan, Rows
from mmaudit.corruptions.missing._scores import high_first, own


class Severity(NamedTuple):
    """How much is missing, and how strongly it depends."""

    rate: float  # share of the values of each modality
    strength: float  # log odds for one standard deviation of the modality's number


def mask(rows: Rows, severity: Severity, seed: int) -> NDArray[np.bool_]:
    """Choose exactly a share of the values of every modality, its own high numbers first.

    Raises:
        UsageError: A modality has no number for each sample.
    """
    keys = row_selection.numbers(rows, seed, "missing/mnar", len(rows.modalities))
    out = np.zeros(rows.present.shape, np.bool_)
    for m, modality in enumerate(rows.modalities):
        there = rows.present[:, m]
        score = np.where(there, own(rows, modality), np.nan)
        out[:, m] = high_first(there, keys[:, m], score, *severity)
    return out


PLAN = Plan(
    plan=mask,
    makes="mask",
    severities=tuple(Severity(s, 2.0) for s in (0.1, 0.2, 0.3, 0.4, 0.5)),
    units={"rate": "share of the values of each modality", "strength": "log odds / sd"},
    source="missing not at random (Rubin 1976, doi:10.1093/biomet/63.3.581), sigmoid of a z-score "
    "as in pyampute (right-tailed); the rate is exact by Pareto order sampling",
    needs=("scores",),
    rate_of="modality",
)
