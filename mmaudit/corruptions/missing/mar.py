"""MAR: whether a modality is absent depends on something else that is known of the sample."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mmaudit.corruptions import row_selection
from mmaudit.corruptions.base import Plan, Rows
from mmaudit.corruptions.missing._scores import driver, high_first


class Severity(NamedTuple):
    """How much is missing, and how strongly it depends."""

    rate: float  # share of the values of each modality
    strength: float  # log odds for one standard deviation of the number it depends on


def mask(rows: Rows, severity: Severity, seed: int) -> NDArray[np.bool_]:
    """Choose exactly a share of the values of every modality, samples with high numbers first.

    The number is a metadata column, or a number of one modality, which then stays complete.

    Raises:
        UsageError: The dataset has no number for each sample.
    """
    name, score = driver(rows)
    keys = row_selection.numbers(rows, seed, "missing/mar", len(rows.modalities))
    out = np.zeros(rows.present.shape, np.bool_)
    for m, modality in enumerate(rows.modalities):
        if modality != name:
            out[:, m] = high_first(rows.present[:, m], keys[:, m], score, *severity)
    return out


PLAN = Plan(
    plan=mask,
    makes="mask",
    severities=tuple(Severity(s, 2.0) for s in (0.1, 0.2, 0.3, 0.4, 0.5)),
    units={"rate": "share of the values of each modality", "strength": "log odds / sd"},
    source="missing at random (Rubin 1976, doi:10.1093/biomet/63.3.581), sigmoid of a z-score as "
    "in pyampute (right-tailed); there the rate holds in expectation and depends on the order of "
    "rows, here it is exact by Pareto order sampling",
    needs=("scores",),
)
