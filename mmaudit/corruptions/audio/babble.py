"""Babble: the voices of other samples talking at the same time."""

from mmaudit.arrays import Signal, Sound
from mmaudit.corruptions.audio._sound.finite import KEEPS, finite
from mmaudit.corruptions.audio._sound.mixing import (
    GRID,
    UNITS,
    NoiseRatio,
    add_at,
    cut_to,
    equally_loud,
)
from mmaudit.corruptions.base import Corruption
from mmaudit.doses.audio import SNR_DB
from mmaudit.seeds import Words


def talk_over(clean: Sound, severity: NoiseRatio, words: Words, donors: tuple[Sound, ...]) -> Sound:
    """Add other clips, each as loud as the next, from random places on."""

    def talk(x: Signal) -> Signal:
        voices = [cut_to(donor, x, words, i) for i, donor in enumerate(donors)]
        return add_at(x, equally_loud(voices), severity.snr_db)

    return finite(clean, talk)


CORRUPTION: Corruption[Sound, NoiseRatio] = Corruption(
    apply=talk_over,
    severities=GRID,
    units=UNITS,
    keeps=KEEPS,
    dose=SNR_DB,
    source="Babble of the Kaldi x-vector recipe, 3 to 7 speakers (Snyder et al. 2018,"
    " doi:10.1109/ICASSP.2018.8461375); five here, from the same dataset. y = x + g n with g"
    " from the realised power of the noise, so that the ratio is exact; silence stays"
    " silence. 20 ... 0 dB.",
    needs=("donors",),
    donors=5,
)
