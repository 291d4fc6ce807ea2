"""Constant run: channels stand still, as those of a frozen or unplugged sensor do.

The share of readings in runs of five equal ones or more. Channels of states, as on and off, stand
still by themselves: it is a rank to look at.
"""

import math

import numpy as np

from mmaudit.arrays import Bools, Floats
from mmaudit.checks.base import QualityCheck
from mmaudit.checks.series._steps import steps
from mmaudit.kernels import kernel

SHORTEST = 5


def measure(series: Floats) -> float:
    """Share of readings in runs of equal ones."""
    if len(series) < SHORTEST or not series.size:
        return math.nan
    return int(_in_runs(np.diff(series, axis=0) == 0)) / series.size


@kernel
def _in_runs(repeats: Bools) -> int:
    """Readings in long runs, from whether each is the one before it, ``(time - 1, channel)``."""
    total = 0
    for channel in range(repeats.shape[1]):
        run = 1
        for time in range(repeats.shape[0]):
            if repeats[time, channel]:
                run += 1
                continue
            total += run if run >= SHORTEST else 0
            run = 1
        total += run if run >= SHORTEST else 0
    return total


CHECK = QualityCheck(
    view=steps,
    measure=measure,
    unit="1",
    bad="high",
    source="ours",
    finding="stands still",
    suggestion="look for frozen and unplugged sensors",
    sees=("series/stuck_value", "series/burst_drop"),
    scale="counts",
)
