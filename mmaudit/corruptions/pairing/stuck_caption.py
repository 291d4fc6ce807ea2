"""Stuck caption: one value is repeated over many rows, as when a counter did not advance."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mmaudit.corruptions.base import Plan, Rows
from mmaudit.corruptions.pairing._files import in_file_order, run


class Severity(NamedTuple):
    """How long the value is stuck."""

    rate: float  # share of the samples


def donors(rows: Rows, severity: Severity, seed: int) -> NDArray[np.int64]:
    """Give every row of one run of the file the value before the run; the order is that of the ids.

    A run that starts the file repeats its first value, which is then right once.
    """
    part = run(rows, severity.rate, seed, "pairing/stuck_caption")
    out = np.arange(len(rows.ids))
    if part.size:
        order = in_file_order(rows)
        before = max(int(np.flatnonzero(order == part[0])[0]) - 1, 0)
        out[part] = order[before]
    return out


PLAN = Plan(
    plan=donors,
    makes="donors",
    severities=tuple(Severity(s) for s in (0.1, 0.2, 0.3, 0.4, 0.5)),
    units={"rate": "share of the samples"},
    source="a value that is written again and again by a loader bug; ours",
)
