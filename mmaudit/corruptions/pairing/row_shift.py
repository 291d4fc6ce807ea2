"""Row shift: one column is one row off in a part of the file, as after a lost line."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mmaudit.corruptions.base import Plan, Rows
from mmaudit.corruptions.pairing._files import run


class Severity(NamedTuple):
    """How long the shifted part is."""

    rate: float  # share of the samples


def donors(rows: Rows, severity: Severity, seed: int) -> NDArray[np.int64]:
    """Give every row of one run of the file the value of the next one; the last gets the first's.

    The file's order is that of the ids.
    """
    part = run(rows, severity.rate, seed, "pairing/row_shift")
    out = np.arange(len(rows.ids))
    out[part] = np.roll(part, -1)
    return out


PLAN = Plan(
    plan=donors,
    makes="donors",
    severities=tuple(Severity(s) for s in (0.1, 0.2, 0.3, 0.4, 0.5)),
    units={"rate": "share of the samples"},
    source="off-by-one alignment errors of scraped and joined tables; ours",
)
