"""Noise file: a recorded noise mixed in, one of those in the given folder."""

from mmaudit.arrays import Sound
from mmaudit.corruptions.audio._sound.finite import KEEPS, finite
from mmaudit.corruptions.audio._sound.mixing import GRID, UNITS, NoiseRatio, add_at, cut_to
from mmaudit.corruptions.base import Corruption, UserFolder
from mmaudit.doses.audio import SNR_DB
from mmaudit.seeds import Words


def add_recording(
    clean: Sound, severity: NoiseRatio, words: Words, donors: tuple[Sound, ...]
) -> Sound:
    """Add a recording from a random place on, repeated where it is too short."""
    return finite(clean, lambda x: add_at(x, cut_to(donors[0], x, words), severity.snr_db))


CORRUPTION: Corruption[Sound, NoiseRatio] = Corruption(
    apply=add_recording,
    severities=GRID,
    units=UNITS,
    keeps=KEEPS,
    dose=SNR_DB,
    source="Background noise of the Kaldi x-vector recipe (Snyder et al. 2018,"
    " doi:10.1109/ICASSP.2018.8461375) and AddBackgroundNoise of audiomentations. The donors"
    " are noise clips at the rate of the clip, chosen by the command; nothing is bundled. y"
    " = x + g n with g from the realised power of the noise, so that the ratio is exact;"
    " silence stays silence. 20 ... 0 dB.",
    needs=("donors",),
    donors=1,
    folder=UserFolder(
        option="noise_dir",
        kind="audio",
        holds="recordings of noise",
        required=True,
        instead="audio/pink_noise, which needs none",
    ),
)
