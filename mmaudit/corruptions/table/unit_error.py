"""Unit error: some numbers are ten or a thousand times too large or too small."""

import math
from typing import Any, NamedTuple

from numpy.typing import NDArray

from mmaudit.corruptions.base import Corruption
from mmaudit.corruptions.table._cells import finite, hit_cells, where
from mmaudit.doses.table import SHARE_CHANGED
from mmaudit.kinds.table import number
from mmaudit.seeds import Words


class Severity(NamedTuple):
    """How much is wrong, and by how much."""

    share: float  # of the numbers
    factor: float  # multiplies one half of them and divides the other


def mistake_units(clean: NDArray[Any], severity: Severity, words: Words) -> NDArray[Any]:
    """Multiply or divide a share of the numbers by the factor, ``(column,)``; a zero stays zero."""
    worse = clean.copy()
    up = words.uniforms(clean.size, 2) < 0.5
    for i in hit_cells(severity.share, where(clean, number), words):
        factor = severity.factor if up[i] else 1 / severity.factor
        worse[i] = _times(float(clean[i]), factor)
    return worse


def _times(value: float, factor: float) -> float:
    return finite(value * factor) if math.isfinite(value) else value


CORRUPTION = Corruption(
    apply=mistake_units,
    severities=(
        Severity(0.05, 10.0),
        Severity(0.1, 10.0),
        Severity(0.2, 10.0),
        Severity(0.3, 1000.0),
        Severity(0.4, 1000.0),
    ),
    units={"share": "share of the numbers", "factor": "times as large, or as small"},
    keeps=frozenset({"shape", "dtype", "length"}),
    dose=SHARE_CHANGED,
    source="unit and decimal-place errors, as scaling in JENGA (EDBT 2021) with factors 10, 100 "
    "and 1000; shares and the steps are ours",
)
