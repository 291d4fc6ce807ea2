"""Clipping: the loudest values cut flat, as by an overdriven recorder."""

from typing import NamedTuple

import numpy as np

from mmaudit.arrays import Signal, Sound
from mmaudit.corruptions.audio._sound.finite import KEEPS, finite
from mmaudit.corruptions.base import Corruption
from mmaudit.doses.audio import SNR_DB
from mmaudit.seeds import Words


class Severity(NamedTuple):
    """How much is cut."""

    share: float


def cut_flat(clean: Sound, severity: Severity, _: Words) -> Sound:
    """Limit every value to the level that a share of the values exceeds."""

    def limit(x: Signal) -> Signal:
        level = np.quantile(np.abs(x), 1.0 - severity.share)
        return np.clip(x, -level, level)

    return finite(clean, limit)


CORRUPTION: Corruption[Sound, Severity] = Corruption(
    apply=cut_flat,
    severities=tuple(Severity(value) for value in (0.05, 0.1, 0.2, 0.3, 0.4)),
    units={"share": "share of the values that are cut"},
    keeps=KEEPS,
    dose=SNR_DB,
    source="ClippingDistortion of audiomentations (0 ... 40 % of the values); 5 ... 40 % here."
    " Nothing is drawn at random.",
)
