"""White noise: hiss of equal power at every frequency, as of a bad microphone amplifier."""

from mmaudit.arrays import Sound
from mmaudit.corruptions.audio._sound.finite import KEEPS, finite
from mmaudit.corruptions.audio._sound.mixing import GRID, UNITS, NoiseRatio, add_at, white
from mmaudit.corruptions.base import Corruption
from mmaudit.doses.audio import SNR_DB
from mmaudit.seeds import Words


def add_hiss(clean: Sound, severity: NoiseRatio, words: Words) -> Sound:
    """Add normal noise, independent over time and channels, at an exact ratio."""
    return finite(clean, lambda x: add_at(x, white(x, words), severity.snr_db))


CORRUPTION: Corruption[Sound, NoiseRatio] = Corruption(
    apply=add_hiss,
    severities=GRID,
    units=UNITS,
    keeps=KEEPS,
    dose=SNR_DB,
    source="AddGaussianSNR of audiomentations (5 ... 40 dB). y = x + g n with g from the realised"
    " power of the noise, so that the ratio is exact; silence stays silence. 20 ... 0 dB.",
)
