"""Bits: the sound has few different values, so that quiet parts are coarse.

What was filtered after it was coarse has all values again, and is not seen.
"""

import math

import numpy as np

from mmaudit.checks.audio._recording import SILENT, Recording, recording
from mmaudit.checks.base import QualityCheck

FEWEST = 100  # values of a sound, below which they are different by chance
FINEST = 7  # decimals: about 23 bits


def measure(sound: Recording) -> float:
    """Bits: log₂ of the range over the median gap between neighbouring values, and 1."""
    if len(sound.channels) < FEWEST or sound.peak < SILENT:
        return math.nan
    values = np.unique(np.round(sound.loudest, FINEST))
    if len(values) < 3:
        return 1.0
    return math.log2(float((values[-1] - values[0]) / np.median(np.diff(values))) + 1)


CHECK = QualityCheck(
    view=recording,
    measure=measure,
    unit="bits",
    bad="low",
    source="ours",
    finding="coarse",
    suggestion="look for 8-bit or µ-law originals",
    sees=("audio/bit_crush", "audio/codec_mulaw"),
)
