"""Swap with other sample: some entries are those of another sample, as after a bad join."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mmaudit.corruptions.base import Corruption
from mmaudit.corruptions.entry_selection import hit
from mmaudit.doses.vector import SHARE_CHANGED
from mmaudit.seeds import Words


class Severity(NamedTuple):
    """How much is another sample's."""

    share: float  # of entries that are replaced


def borrow(
    clean: NDArray[np.floating],
    severity: Severity,
    words: Words,
    *,
    donors: tuple[NDArray[np.floating], ...],
) -> NDArray[np.floating]:
    """Take a share of the entries from another sample, ``(d,)``.

    A donor of another length gives the entries that it has.
    """
    swapped = hit(severity.share, clean.size, words)
    swapped[donors[0].size :] = False
    worse = clean.copy()
    worse[swapped] = donors[0][: clean.size][swapped[: donors[0].size]]
    return worse


CORRUPTION = Corruption(
    apply=borrow,
    severities=tuple(Severity(s) for s in (0.1, 0.25, 0.5, 0.75, 1.0)),
    units={"share": "share of the entries"},
    keeps=frozenset({"shape", "dtype"}),
    dose=SHARE_CHANGED,
    needs=("donors",),
    donors=1,
    source="conflicting views of RCML (arXiv:2402.16897), which replace a whole view by that of "
    "a sample of the next class; here a share of it, from any other sample",
)
