"""Codec Opus: encoded and decoded at a low bit rate, as in calls over the internet."""

from mmaudit.arrays import Signal, Sound
from mmaudit.corruptions.audio._sound.codecs import UNITS, Rate, coded
from mmaudit.corruptions.audio._sound.finite import KEEPS, finite
from mmaudit.corruptions.base import Corruption
from mmaudit.doses.audio import SNR_DB
from mmaudit.seeds import Words

RATES = (8000, 12000, 16000, 24000, 48000)
HIGH, LOW = 256.0, 6.0


def encode_opus(clean: Sound, severity: Rate, _: Words, rate: float) -> Sound:
    """Code at a bit rate."""

    def code(x: Signal) -> Signal:
        level = (HIGH - severity.kbit_s) / (HIGH - LOW)
        return coded(x, rate, container="OGG", codec="OPUS", rates=RATES, level=level)

    return finite(clean, code)


CORRUPTION: Corruption[Sound, Rate] = Corruption(
    apply=encode_opus,
    severities=tuple(Rate(value) for value in (32.0, 20.0, 14.0, 9.0, 6.0)),
    units=UNITS,
    keeps=KEEPS,
    dose=SNR_DB,
    source="RFC 6716, libopus in libsndfile, which sets the bit rate evenly from 256 to 6 kbit/s"
    " by a level. Constants are our own. Nothing is drawn at random; the bytes depend on the"
    " installed libsndfile."
    " The bit rates are in order; the SNR of one clip need not be, since the encoder changes its"
    " way of coding between them.",
    needs=("rate",),
    nested=False,
)
