"""Gaussian noise: every number gets noise in proportion to its spread in the training split."""

import math
from typing import Any, NamedTuple

from numpy.typing import NDArray

from mmaudit.corruptions.arithmetic import usable
from mmaudit.corruptions.base import Corruption
from mmaudit.corruptions.table._cells import finite, where
from mmaudit.doses.base import Column
from mmaudit.doses.table import SD_UNITS
from mmaudit.kinds.table import number
from mmaudit.seeds import Words


class Severity(NamedTuple):
    """How much noise."""

    sd: float  # of the noise, in standard deviations of each column


def add_noise(
    clean: NDArray[Any], severity: Severity, words: Words, *, column: Column
) -> NDArray[Any]:
    """Add independent normal noise to every number, ``(column,)``; other cells stay."""
    noise = severity.sd * usable(column.sd, clean.size) * words.normals(clean.size)
    worse = clean.copy()
    for i in where(clean, number):
        if noise[i] and math.isfinite(clean[i]):
            worse[i] = finite(float(clean[i]) + float(noise[i]))
    return worse


CORRUPTION = Corruption(
    apply=add_noise,
    severities=tuple(Severity(s) for s in (0.1, 0.2, 0.4, 0.6, 0.8)),
    units={"sd": "standard deviations of the column in the training split"},
    keeps=frozenset({"shape", "dtype", "length"}),
    dose=SD_UNITS,
    needs=("column",),
    source="MultiBench (arXiv:2107.07502) tabular white noise; there one sigma for all columns, "
    "here in units of each column's own spread",
)
