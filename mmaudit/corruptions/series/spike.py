"""Spikes: single readings jump far away, as from loose contacts and bit errors."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mmaudit.corruptions.arithmetic import computed, signs, usable
from mmaudit.corruptions.base import Corruption
from mmaudit.corruptions.entry_selection import hit
from mmaudit.doses.base import Column
from mmaudit.doses.vector import SD_UNITS
from mmaudit.seeds import Words


class Severity(NamedTuple):
    """How many spikes and how high."""

    share: float  # of entries that are hit
    height_sd: float  # of a spike, in standard deviations of the channel


def add_spikes(
    clean: NDArray[np.floating], severity: Severity, words: Words, *, column: Column
) -> NDArray[np.floating]:
    """Add a spike, up or down, to a share of the entries, ``(time, channel)``."""
    spikes = hit(severity.share, clean.size, words).reshape(clean.shape)
    height = severity.height_sd * usable(column.sd, clean.shape[1])
    direction = signs(words.uniforms(clean.size, 2)).reshape(clean.shape)
    return computed(clean, lambda x: x + spikes * direction * height)


CORRUPTION = Corruption(
    apply=add_spikes,
    severities=(
        Severity(0.01, 3.0),
        Severity(0.02, 4.0),
        Severity(0.03, 5.0),
        Severity(0.05, 6.0),
        Severity(0.1, 8.0),
    ),
    units={
        "share": "share of the readings",
        "height_sd": "standard deviations of the channel in the training split",
    },
    keeps=frozenset({"shape", "dtype", "length"}),
    dose=SD_UNITS,
    needs=("column",),
    source="additive outliers of time series (Fox 1972, doi:10.1111/j.2517-6161.1972.tb00912.x); "
    "shares and heights are ours",
)
