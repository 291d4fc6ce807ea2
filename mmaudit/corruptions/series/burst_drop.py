"""Burst drop: runs of time steps are zero in all channels, as when the connection is lost."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mmaudit.corruptions.base import Corruption
from mmaudit.corruptions.entry_selection import rounded
from mmaudit.doses.vector import SHARE_CHANGED
from mmaudit.seeds import Words


class Severity(NamedTuple):
    """How much is lost, in how long runs."""

    share: float  # of time steps that become zero
    run: float  # length of a run, as a share of the series


def drop_bursts(
    clean: NDArray[np.floating], severity: Severity, words: Words
) -> NDArray[np.floating]:
    """Set runs of time steps to zero in all channels, ``(time, channel)``.

    All possible runs have a random order. Steps are lost run by run in that order until the
    share is reached; the last run is cut short, runs may touch.
    """
    time = clean.shape[0]
    worse = clean.copy()
    if time:
        length = max(1, round(severity.run * time))
        starts = time - length + 1
        order = np.argsort(words.permutation(starts))
        turn = np.full(time + length - 1, starts)
        turn[length - 1 : length - 1 + starts] = order
        first = np.lib.stride_tricks.sliding_window_view(turn, length).min(axis=1)
        lost = rounded(severity.share, time, float(words.uniforms(1, 1)[0]))
        worse[np.argsort(first, kind="stable")[:lost]] = 0
    return worse


CORRUPTION = Corruption(
    apply=drop_bursts,
    severities=tuple(Severity(s, 0.05) for s in (0.1, 0.2, 0.3, 0.4, 0.5)),
    units={"share": "share of the time steps", "run": "share of the series in a run"},
    keeps=frozenset({"shape", "dtype", "length"}),
    dose=SHARE_CHANGED,
    source="MultiBench (arXiv:2107.07502) structured_drop: runs of 3 steps begin with probability "
    "p, so up to 3 p is lost; here runs of 5 % of the series, and the expected share is exact",
)
