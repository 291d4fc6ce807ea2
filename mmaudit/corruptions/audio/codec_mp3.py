"""Codec MP3: encoded and decoded at a low bit rate."""

from mmaudit.arrays import Signal, Sound
from mmaudit.corruptions.audio._sound.codecs import UNITS, Rate, codec_rate, coded
from mmaudit.corruptions.audio._sound.finite import KEEPS, finite
from mmaudit.corruptions.base import Corruption
from mmaudit.doses.audio import SNR_DB
from mmaudit.seeds import Words

RATES = (8000, 11025, 12000, 16000, 22050, 24000)
MPEG2 = 16000
DELAY = 1105  # 576 samples of LAME's encoder and 529 of every decoder


def encode_mp3(clean: Sound, severity: Rate, _: Words, rate: float) -> Sound:
    """Code at a constant bit rate."""

    def code(x: Signal) -> Signal:
        # libsndfile spreads its level evenly over the bit rates that the sampling rate has
        low, high = (8.0, 160.0) if codec_rate(rate, RATES) >= MPEG2 else (8.0, 64.0)
        level = (high - severity.kbit_s) / (high - low)
        return coded(
            x,
            rate,
            container="MP3",
            codec="MPEG_LAYER_III",
            rates=RATES,
            level=level,
            delay=DELAY,
            bitrate_mode="CONSTANT",
        )

    return finite(clean, code)


CORRUPTION: Corruption[Sound, Rate] = Corruption(
    apply=encode_mp3,
    severities=tuple(Rate(value) for value in (64.0, 48.0, 32.0, 24.0, 16.0)),
    units=UNITS,
    keeps=KEEPS,
    dose=SNR_DB,
    source="Mp3Compression of audiomentations (8 ... 64 kbit/s): LAME in libsndfile, which sets"
    " the bit rate from a level. Clips above 24 kHz are coded at 24 kHz, as encoders do at"
    " such bit rates. Nothing is drawn at random; the bytes depend on the installed"
    " libsndfile."
    " The bit rates are in order; the SNR of one clip need not be, since the encoder changes its"
    " way of coding between them.",
    needs=("rate",),
    nested=False,
)
