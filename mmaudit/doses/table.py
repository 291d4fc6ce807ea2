"""Doses of table rows: how many cells changed, and by how much where they are numbers."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from mmaudit.arrays import Cells
from mmaudit.doses.base import Dose
from mmaudit.doses.vector import rms
from mmaudit.kinds.table import number


def changed(clean: Cells, corrupted: Cells) -> float:
    """Share of cells that are not the same any more; NaN equals NaN, an empty cell another."""
    pairs = list(zip(clean.tolist(), corrupted.tolist(), strict=True))
    return sum(not _same(a, b) for a, b in pairs) / len(pairs) if pairs else 0.0


def numbers_rms(clean: Cells, corrupted: Cells, sd: NDArray[np.float64] | None = None) -> float:
    """Root mean square of the change of the cells that are numbers, in units of ``sd``.

    A cell that is a number in one of the two only is left out.
    """
    return rms(_floats(clean), _floats(corrupted), sd)


def _floats(cells: Cells) -> NDArray[np.float64]:
    return np.array([v if number(v) else np.nan for v in cells.tolist()], np.float64)


def _same(a: Any, b: Any) -> bool:
    return bool(a == b or (number(a) and number(b) and a != a and b != b))  # noqa: PLR0124  NaN


SHARE_CHANGED = Dose(name="share_changed", unit="1", rises=True, measure=changed)
SD_UNITS = Dose(name="sd_units", unit="sd", rises=True, measure=numbers_rms, scaled=True)
