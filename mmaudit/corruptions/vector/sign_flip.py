"""Sign flip: some entries change their sign, as from swapped poles or a wrong convention."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mmaudit.corruptions.base import Corruption
from mmaudit.corruptions.entry_selection import hit
from mmaudit.doses.vector import SHARE_CHANGED
from mmaudit.seeds import Words


class Severity(NamedTuple):
    """How much is flipped."""

    share: float  # of entries that change their sign


def flip_signs(
    clean: NDArray[np.floating], severity: Severity, words: Words
) -> NDArray[np.floating]:
    """Negate a share of the entries, ``(d,)``; zeros that are chosen stay zero."""
    return np.where(hit(severity.share, clean.size, words), -clean, clean)


CORRUPTION = Corruption(
    apply=flip_signs,
    severities=tuple(Severity(s) for s in (0.05, 0.1, 0.2, 0.3, 0.5)),
    units={"share": "share of the entries"},
    keeps=frozenset({"shape", "dtype"}),
    dose=SHARE_CHANGED,
    source="channel inversion as in AugLy (arXiv:2201.06494) invert_channels, entry by entry; the "
    "shares are ours",
)
