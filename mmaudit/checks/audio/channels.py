"""Channels: a channel is a copy of another one, the same turned over, or silent.

Such sounds pass for stereo and are not. A sound of one channel has no number.
"""

import math
from itertools import combinations

import numpy as np

from mmaudit.checks.audio._recording import SILENT, Recording, recording
from mmaudit.checks.base import QualityCheck

LOWEST = -120.0  # dB


def measure(sound: Recording) -> float:
    """The least energy of a channel, of a difference of two or of their sum, in dB.

    Over half the energy of the two; the least of all pairs.
    """
    if sound.channels.shape[1] < 2 or sound.peak < SILENT:
        return math.nan
    return min(_apart(one, other) for one, other in combinations(sound.channels.T, 2))


def _apart(one: np.ndarray, other: np.ndarray) -> float:
    parts = [float(np.square(part).sum()) for part in (one, other, one - other, one + other)]
    half = (parts[0] + parts[1]) / 2
    if half == 0:
        return LOWEST
    return max(10 * math.log10(max(min(parts) / half, 1e-300)), LOWEST)


CHECK = QualityCheck(
    view=recording,
    measure=measure,
    unit="dB",
    bad="low",
    source="ours",
    finding="of channels that are one",
    suggestion="keep the one channel",
    limit=-50.0,
    scale="counts",
)
