"""Drift: the baseline of every channel wanders off steadily, as of an uncalibrated sensor."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mmaudit.corruptions.arithmetic import computed, signs, usable
from mmaudit.corruptions.base import Corruption
from mmaudit.doses.base import Column
from mmaudit.doses.vector import SD_UNITS
from mmaudit.seeds import Words


class Severity(NamedTuple):
    """How far the baseline goes."""

    sd: float  # at the end of the series, in standard deviations of the channel


def add_drift(
    clean: NDArray[np.floating], severity: Severity, words: Words, *, column: Column
) -> NDArray[np.floating]:
    """Add a straight ramp from 0 to the drift, up or down for each channel, ``(time, channel)``."""
    time, channels = clean.shape
    ramp = (np.arange(time) + 1.0) / max(time, 1)
    end = severity.sd * usable(column.sd, channels) * signs(words.uniforms(channels))
    return computed(clean, lambda x: x + ramp[:, None] * end)


CORRUPTION = Corruption(
    apply=add_drift,
    severities=tuple(Severity(s) for s in (0.25, 0.5, 1.0, 1.5, 2.0)),
    units={"sd": "standard deviations of the channel in the training split"},
    keeps=frozenset({"shape", "dtype", "length"}),
    dose=SD_UNITS,
    needs=("column",),
    source="sensor drift, as Drift in tsaug 0.2 (Apache-2.0, max_drift 0.5 of the range); here a "
    "ramp in units of each channel's spread",
)
