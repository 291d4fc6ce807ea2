"""PVP: partially view-unaligned; only some pairs are known to belong together."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mmaudit.corruptions import row_selection
from mmaudit.corruptions.base import Plan, Rows
from mmaudit.corruptions.pairing import _derange as derange


class Severity(NamedTuple):
    """How many pairs are right."""

    aligned_prop: float  # share of the samples


def donors(rows: Rows, severity: Severity, seed: int) -> NDArray[np.int64]:
    """Permute the values of all but a share of the samples so that none of them stays right."""
    choice = derange.choose(rows, 1.0 - severity.aligned_prop, seed, "pairing/pvp")
    return derange.exchange(rows, choice, row_selection.group_numbers(rows))


PLAN = Plan(
    plan=donors,
    makes="donors",
    severities=tuple(Severity(s) for s in (0.9, 0.8, 0.7, 0.6, 0.5)),
    units={"aligned_prop": "share of the samples that stay right"},
    source="PVC (NeurIPS 2020) and SURE (TPAMI 2022, doi:10.1109/TPAMI.2022.3155499) partially "
    "view-unaligned problem, aligned-prop 0.5 (severity 5); there fixed points stay, here none",
)
