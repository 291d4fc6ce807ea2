"""Block erase: a run of neighbouring entries is zero, as when one feature extractor failed."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mmaudit.corruptions.base import Corruption
from mmaudit.corruptions.entry_selection import span
from mmaudit.doses.vector import SHARE_CHANGED
from mmaudit.seeds import Words


class Severity(NamedTuple):
    """How much is lost."""

    share: float  # of entries that become zero


def erase_block(
    clean: NDArray[np.floating], severity: Severity, words: Words
) -> NDArray[np.floating]:
    """Set one run of neighbouring entries, at a random place, to zero, ``(d,)``."""
    worse = clean.copy()
    worse[span(severity.share, clean.size, words)] = 0
    return worse


CORRUPTION = Corruption(
    apply=erase_block,
    severities=tuple(Severity(s) for s in (0.1, 0.2, 0.3, 0.4, 0.5)),
    units={"share": "share of the entries"},
    keeps=frozenset({"shape", "dtype"}),
    dose=SHARE_CHANGED,
    source="MultiBench (arXiv:2107.07502) structured drop, for the entries of a vector; one run "
    "as in random erasing (arXiv:1708.04896)",
)
