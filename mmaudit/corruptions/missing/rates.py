"""Rates: each modality is absent at a rate of its own, as where one sensor fails more often."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mmaudit.corruptions import row_selection
from mmaudit.corruptions.base import Plan, Rows
from mmaudit.errors import UsageError


class Severity(NamedTuple):
    """How much is missing of each modality."""

    rate: float  # share of all values, where no rates are named
    rates: tuple[float, ...] = ()  # share of the values of each modality, in the manifest's order


def mask(rows: Rows, severity: Severity, seed: int) -> NDArray[np.bool_]:
    """Choose exactly its own share of the values of every modality, independent of the others.

    Without ``rates`` they rise linearly along the modalities, from ``2 rate / (M + 1)`` to
    ``2 rate M / (M + 1)``, so that their mean is ``rate``. A sample may lose everything.

    Raises:
        UsageError: There are not as many rates as modalities.
    """
    width = len(rows.modalities)
    rates = severity.rates or tuple(
        min(1.0, 2 * severity.rate * (m + 1) / (width + 1)) for m in range(width)
    )
    if len(rates) != width:
        raise UsageError(
            f"missing/rates has {len(rates)} rates for {width} modalities",
            fix=f"one for each of {', '.join(rows.modalities)}, in this order, or by name: "
            f"missing/rates:{rows.modalities[0]}=0.5",
        )
    keys = row_selection.numbers(rows, seed, "missing/rates", width)
    columns = [
        row_selection.some(keys[:, m], there, row_selection.count(rates[m], int(there.sum())))
        for m, there in enumerate(rows.present.T)
    ]
    return np.stack(columns, axis=1)


PLAN = Plan(
    plan=mask,
    makes="mask",
    severities=tuple(Severity(s) for s in (0.1, 0.2, 0.3, 0.4, 0.5)),
    units={"rate": "share of all values", "rates": "share of the values of each modality"},
    source="missing completely at random (Rubin 1976, doi:10.1093/biomet/63.3.581) with a rate for "
    "each modality; counts are exact, where coins would give them in expectation",
    by_modality="rates",
)
