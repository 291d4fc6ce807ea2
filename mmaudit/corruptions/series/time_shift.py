"""Time shift: the series comes too early or too late, as from clocks that disagree."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mmaudit.corruptions.base import Corruption
from mmaudit.doses.vector import SNR_DB
from mmaudit.seeds import Words


class Severity(NamedTuple):
    """How far it is shifted."""

    share: float  # of the length of the series


def shift(clean: NDArray[np.floating], severity: Severity, words: Words) -> NDArray[np.floating]:
    """Shift all channels together, earlier or later; the edge is held, ``(time, channel)``."""
    time = clean.shape[0]
    steps = min(max(1, round(severity.share * time)), max(time - 1, 0))
    if float(words.uniforms(1)[0]) < 0.5:
        steps = -steps
    return clean[np.clip(np.arange(time) - steps, 0, max(time - 1, 0))]


CORRUPTION = Corruption(
    apply=shift,
    severities=tuple(Severity(s) for s in (0.02, 0.05, 0.1, 0.2, 0.3)),
    units={"share": "share of the length"},
    keeps=frozenset({"shape", "dtype", "range", "length"}),
    dose=SNR_DB,
    nested=False,
    source="shift as in audiomentations Shift (at most half of the length); shares are ours. A "
    "periodic series shifted by a period is itself again, so damage need not be in order",
)
