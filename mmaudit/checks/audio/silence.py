"""Silence: much of the sound is silent.

Frames of 20 ms below -60 dB of full scale, or 40 dB under the loudest twentieth of them. All of a
sound without any sound is silent.
"""

import math

import numpy as np

from mmaudit.checks.audio._recording import Recording, recording
from mmaudit.checks.base import QualityCheck

LOWEST, UNDER = 1e-6, 1e-4  # powers: -60 dB, and 40 dB under
LOUD = 0.95


def measure(sound: Recording) -> float:
    """Share of silent frames."""
    if sound.empty or not len(sound.levels):
        return math.nan
    floor = max(LOWEST, UNDER * float(np.quantile(sound.levels, LOUD)))
    return float(np.mean(sound.levels < floor))


CHECK = QualityCheck(
    view=recording,
    measure=measure,
    unit="1",
    bad="high",
    source="ours",
    finding="mostly silent",
    suggestion="look for failed recordings and for clips cut at the wrong place",
    sees=("audio/time_mask", "audio/packet_loss"),
    scale="share",
)
