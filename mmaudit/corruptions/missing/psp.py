"""PSP: partially sample-missing; only some samples are complete, the others lack one view."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mmaudit.corruptions.base import Plan, Rows
from mmaudit.corruptions.missing import _patterns as patterns


class Severity(NamedTuple):
    """How many samples are complete."""

    complete_prop: float  # share of the samples


def mask(rows: Rows, severity: Severity, seed: int) -> NDArray[np.bool_]:
    """Let all but a share of the samples lack one modality, each modality equally often."""
    ways = patterns.one_each(len(rows.modalities))
    return patterns.dealt(rows, 1.0 - severity.complete_prop, ways, seed, "missing/psp")


PLAN = Plan(
    plan=mask,
    makes="mask",
    severities=tuple(Severity(s) for s in (0.9, 0.8, 0.7, 0.6, 0.5)),
    units={"complete_prop": "share of the samples that are complete"},
    source="SURE (TPAMI 2022, doi:10.1109/TPAMI.2022.3155499) partially sample-missing problem, "
    "complete-prop 0.5 (severity 5) with two views; its rate is of samples, twice the cell rate",
    reported=5,
    rate_of="complete",
)
