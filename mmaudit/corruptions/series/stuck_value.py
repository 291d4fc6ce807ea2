"""Stuck value: a channel keeps reporting its last reading for a while, as a frozen sensor does."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mmaudit.corruptions.base import Corruption
from mmaudit.corruptions.entry_selection import span
from mmaudit.doses.vector import SHARE_CHANGED
from mmaudit.seeds import Words


class Severity(NamedTuple):
    """How long the channels are stuck."""

    share: float  # of the time, for every channel


def freeze(clean: NDArray[np.floating], severity: Severity, words: Words) -> NDArray[np.floating]:
    """Hold every channel at the reading before a run of time steps, ``(time, channel)``.

    Each channel is stuck at a time of its own. A run at the very start holds its first reading.
    """
    worse = clean.copy()
    for channel in range(clean.shape[1]):
        stuck = span(severity.share, clean.shape[0], words, channel)
        if stuck.stop > stuck.start:
            worse[stuck, channel] = clean[max(stuck.start - 1, 0), channel]
    return worse


CORRUPTION = Corruption(
    apply=freeze,
    severities=tuple(Severity(s) for s in (0.1, 0.2, 0.3, 0.4, 0.5)),
    units={"share": "share of the time, for every channel"},
    keeps=frozenset({"shape", "dtype", "range", "length"}),
    dose=SHARE_CHANGED,
    source="stuck-at fault of sensors (Ni et al. 2009, doi:10.1145/1525856.1525863); shares ours",
)
