"""Lag: one modality comes from some steps earlier, as from streams that are not in step."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mmaudit.corruptions import row_selection
from mmaudit.corruptions.base import Plan, Rows
from mmaudit.corruptions.pairing._files import in_file_order


class Severity(NamedTuple):
    """How late the modality is."""

    steps: int  # rows


def donors(rows: Rows, severity: Severity, seed: int) -> NDArray[np.int64]:  # noqa: ARG001
    """Give every row the value of ``steps`` rows before it, inside its group (a session).

    Time is the order of the ids. The first rows of a session get its first value; its very first
    row stays right. Without groups the whole set is one session.
    """
    order = in_file_order(rows)
    session = (
        np.zeros(len(rows.ids), np.int64)
        if rows.groups is None
        else row_selection.group_numbers(rows)
    )
    order = order[np.argsort(session[order], kind="stable")]
    start = np.flatnonzero(np.diff(session[order], prepend=-1))
    begin = np.repeat(start, np.diff(start, append=order.size))
    out = np.arange(len(rows.ids))
    out[order] = order[np.maximum(np.arange(order.size) - severity.steps, begin)]
    return out


PLAN = Plan(
    plan=donors,
    makes="donors",
    severities=tuple(Severity(s) for s in (1, 2, 4, 8, 16)),
    units={"steps": "rows"},
    source="temporal misalignment of MultiCorrupt (arXiv:2402.11677), there of camera and lidar "
    "frames; steps are ours. Inside one sample it is series/time_shift",
)
