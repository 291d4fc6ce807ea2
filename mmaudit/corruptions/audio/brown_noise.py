"""Brown noise: rumble whose power falls by 6 dB an octave, as of engines and handling."""

from mmaudit.corruptions.audio._sound.finite import KEEPS, Audio, finite
from mmaudit.corruptions.audio._sound.mixing import (
    GRID,
    SHAPED,
    UNITS,
    NoiseRatio,
    add_at,
    coloured,
)
from mmaudit.corruptions.base import Corruption
from mmaudit.doses.audio import SNR_DB
from mmaudit.seeds import Words


def add_rumble(clean: Audio, severity: NoiseRatio, words: Words, rate: float) -> Audio:
    """Add noise of power 1 / f^2 above 20 Hz at an exact ratio."""
    return finite(clean, lambda x: add_at(x, coloured(x, 2.0, rate, words), severity.snr_db))


CORRUPTION: Corruption[Audio, NoiseRatio] = Corruption(
    apply=add_rumble,
    severities=GRID,
    units=UNITS,
    keeps=KEEPS,
    dose=SNR_DB,
    source=SHAPED,
    needs=("rate",),
)
