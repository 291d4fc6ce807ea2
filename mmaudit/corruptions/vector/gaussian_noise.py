"""Gaussian noise: every dimension gets noise in proportion to its spread in the training split."""

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

    sd: float  # of the noise, in standard deviations of each dimension


def add_noise(
    clean: NDArray[np.floating], severity: Severity, words: Words, *, column: Column
) -> NDArray[np.floating]:
    """Add independent normal noise to every dimension, ``(d,)``."""
    noise = severity.sd * usable(column.sd, clean.size) * words.normals(clean.size)
    return computed(clean, lambda x: x + noise)


CORRUPTION = Corruption(
    apply=add_noise,
    severities=tuple(Severity(s) for s in (0.25, 0.5, 1.0, 1.5, 2.0)),
    units={"sd": "standard deviations of the dimension in the training split"},
    keeps=frozenset({"shape", "dtype"}),
    dose=SD_UNITS,
    needs=("column",),
    source="additive noise as in MultiBench (arXiv:2107.07502) and TMC (arXiv:2102.02051); there "
    "one sigma for min-max scaled features, here in units of each dimension's own spread",
)
