"""Channel drop: whole channels are zero, as when a sensor is unplugged."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mmaudit.corruptions.base import Corruption
from mmaudit.corruptions.entry_selection import hit
from mmaudit.doses.vector import SHARE_CHANGED
from mmaudit.seeds import Words


class Severity(NamedTuple):
    """How much is lost."""

    share: float  # of channels that become zero


def drop_channels(
    clean: NDArray[np.floating], severity: Severity, words: Words
) -> NDArray[np.floating]:
    """Set a share of the channels to zero for the whole time, ``(time, channel)``.

    Of a series with one channel that share of the samples loses it.
    """
    worse = clean.copy()
    worse[:, hit(severity.share, clean.shape[1], words)] = 0
    return worse


CORRUPTION = Corruption(
    apply=drop_channels,
    severities=tuple(Severity(s) for s in (0.1, 0.2, 0.3, 0.4, 0.5)),
    units={"share": "share of the channels"},
    keeps=frozenset({"shape", "dtype", "length"}),
    dose=SHARE_CHANGED,
    source="dropped sensors; rates of MultiBench (arXiv:2107.07502), whose structured drop takes "
    "time steps instead",
)
