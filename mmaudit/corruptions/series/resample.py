"""Resample: the series was recorded more slowly and brought back to its length."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mmaudit.corruptions.arithmetic import computed
from mmaudit.corruptions.base import Corruption
from mmaudit.doses.vector import SNR_DB
from mmaudit.seeds import Words


class Severity(NamedTuple):
    """How much slower it was recorded."""

    factor: int  # time steps that become one


def slow_down(
    clean: NDArray[np.floating], severity: Severity, words: Words
) -> NDArray[np.floating]:
    """Average runs of ``factor`` steps and interpolate between them, ``(time, channel)``.

    The first run is short by a random number of steps. Outside the first and the last average
    their values are held.
    """
    time = clean.shape[0]
    factor = min(severity.factor, time)
    if factor < 2:
        return clean.copy()
    offset = int(words.integers(1, factor)[0])
    bins = (np.arange(time) + offset) // factor
    steps = np.bincount(bins)

    def recorded(x: NDArray[np.float64]) -> NDArray[np.float64]:
        at = np.bincount(bins, np.arange(time)) / steps
        means = [np.bincount(bins, x[:, c]) / steps for c in range(x.shape[1])]
        back = [np.interp(np.arange(time), at, mean) for mean in means]
        return np.stack(back, axis=1) if back else x

    return computed(clean, recorded)


CORRUPTION = Corruption(
    apply=slow_down,
    severities=tuple(Severity(f) for f in (2, 3, 4, 6, 8)),
    units={"factor": "time steps"},
    keeps=frozenset({"shape", "dtype", "length"}),
    dose=SNR_DB,
    nested=False,
    source="lower sampling rate, as Resample in audiomentations; factors are ours. The averages "
    "of two factors are of different steps, so the order of damage holds on average only",
)
