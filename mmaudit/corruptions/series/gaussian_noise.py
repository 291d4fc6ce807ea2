"""Gaussian noise: every channel gets noise in proportion to its spread in the training split."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mmaudit.corruptions.arithmetic import computed, usable
from mmaudit.corruptions.base import Corruption
from mmaudit.doses.base import Column
from mmaudit.doses.vector import SD_UNITS
from mmaudit.seeds import Words


class Severity(NamedTuple):
    """How much noise."""

    sd: float  # of the noise, in standard deviations of each channel


def add_noise(
    clean: NDArray[np.floating], severity: Severity, words: Words, *, column: Column
) -> NDArray[np.floating]:
    """Add independent normal noise to every entry, ``(time, channel)``."""
    scale = severity.sd * usable(column.sd, clean.shape[1])
    noise = scale * words.normals(clean.size).reshape(clean.shape)
    return computed(clean, lambda x: x + noise)


CORRUPTION = Corruption(
    apply=add_noise,
    severities=tuple(Severity(s) for s in (0.1, 0.2, 0.4, 0.6, 0.8)),
    units={"sd": "standard deviations of the channel in the training split"},
    keeps=frozenset({"shape", "dtype", "length"}),
    dose=SD_UNITS,
    needs=("column",),
    source="MultiBench (arXiv:2107.07502) time series white_noise; there one number is added to "
    "all features of a time step, here every entry has its own",
)
