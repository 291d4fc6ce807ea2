"""Random drop: single readings are zero, as from lost packets of single sensors."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mmaudit.corruptions.base import Corruption
from mmaudit.corruptions.entry_selection import hit, zeroed
from mmaudit.doses.vector import SHARE_CHANGED
from mmaudit.seeds import Words


class Severity(NamedTuple):
    """How much is lost."""

    share: float  # of entries that become zero


def drop_entries(
    clean: NDArray[np.floating], severity: Severity, words: Words
) -> NDArray[np.floating]:
    """Set a share of the entries to zero, ``(time, channel)``."""
    lost = hit(severity.share, clean.size, words).reshape(clean.shape)
    return zeroed(clean, lost)


CORRUPTION = Corruption(
    apply=drop_entries,
    severities=tuple(Severity(s) for s in (0.1, 0.2, 0.3, 0.4, 0.5)),
    units={"share": "share of the readings"},
    keeps=frozenset({"shape", "dtype", "length"}),
    dose=SHARE_CHANGED,
    source="MultiBench (arXiv:2107.07502) time series random_drop, rates 0 to 1 by 0.1; there "
    "by one coin an entry and in place, here a share whose expected value is exact, on a copy",
)
