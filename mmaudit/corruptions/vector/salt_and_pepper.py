"""Salt and pepper: some entries jump to the smallest or largest value seen in training."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mmaudit.corruptions.arithmetic import computed, usable
from mmaudit.corruptions.base import Corruption
from mmaudit.corruptions.entry_selection import hit
from mmaudit.doses.base import Column
from mmaudit.doses.vector import SHARE_CHANGED
from mmaudit.seeds import Words


class Severity(NamedTuple):
    """How much is replaced."""

    share: float  # of entries that jump


def jump(
    clean: NDArray[np.floating], severity: Severity, words: Words, *, column: Column
) -> NDArray[np.floating]:
    """Set a share of the entries to an end of their dimension's range, half to each, ``(d,)``."""
    jumping = hit(severity.share, clean.size, words)
    low, high = usable(column.low, clean.size), usable(column.high, clean.size)
    ends = np.where(words.uniforms(clean.size, 2) < 0.5, low, high)
    return computed(clean, lambda x: np.where(jumping, ends, x))


CORRUPTION = Corruption(
    apply=jump,
    severities=tuple(Severity(s) for s in (0.03, 0.06, 0.1, 0.2, 0.3)),
    units={"share": "share of the entries"},
    keeps=frozenset({"shape", "dtype"}),
    dose=SHARE_CHANGED,
    needs=("column",),
    source="ImageNet-C impulse_noise (arXiv:1903.12261), shares .03 .06 .09 .17 .27 rounded; "
    "there 0 and 255, here the ends of each dimension's range in the training split",
)
