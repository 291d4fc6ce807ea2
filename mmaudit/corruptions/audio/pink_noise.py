"""Pink noise: rush whose power falls by 3 dB an octave, as of wind and traffic far away."""

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


def add_rush(clean: Audio, severity: NoiseRatio, words: Words, rate: float) -> Audio:
    """Add noise of power 1 / f^1 above 20 Hz at an exact ratio."""
    return finite(clean, lambda x: add_at(x, coloured(x, 1.0, rate, words), severity.snr_db))


CORRUPTION: Corruption[Audio, NoiseRatio] = Corruption(
    apply=add_rush,
    severities=GRID,
    units=UNITS,
    keeps=KEEPS,
    dose=SNR_DB,
    source=SHAPED,
    needs=("rate",),
)
