"""Out of range: some numbers lie where the training split has none."""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mmaudit.corruptions.arithmetic import usable
from mmaudit.corruptions.base import Corruption
from mmaudit.corruptions.table._cells import finite, hit_cells, where
from mmaudit.doses.base import Column
from mmaudit.doses.table import SHARE_CHANGED
from mmaudit.kinds.table import number
from mmaudit.seeds import Words


class Severity(NamedTuple):
    """How much is out of range, and how far."""

    share: float  # of the numbers
    beyond: float  # the end of the range, in widths of the range


def leave_range(
    clean: NDArray[Any], severity: Severity, words: Words, *, column: Column
) -> NDArray[Any]:
    """Put a share of the numbers below or above the training range, ``(column,)``.

    A column that has one value only is taken to be 1 wide.
    """
    low, high = usable(column.low, clean.size), usable(column.high, clean.size)
    width = np.where(high > low, high - low, 1.0)
    up = words.uniforms(clean.size, 2) < 0.5
    worse = clean.copy()
    for i in hit_cells(severity.share, where(clean, number), words):
        far = severity.beyond * width[i]
        worse[i] = finite(float(high[i] + far if up[i] else low[i] - far))
    return worse


CORRUPTION = Corruption(
    apply=leave_range,
    severities=tuple(Severity(s, 0.5) for s in (0.1, 0.2, 0.3, 0.4, 0.5)),
    units={"share": "share of the numbers", "beyond": "widths of the training range"},
    keeps=frozenset({"shape", "dtype", "length"}),
    dose=SHARE_CHANGED,
    needs=("column",),
    source="outliers of tabular data, as in JENGA (EDBT 2021); there by spread, here surely "
    "outside the range of the training split",
)
