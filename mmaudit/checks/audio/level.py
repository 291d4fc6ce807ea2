"""Level: the sound is much louder or much quieter than the others of the dataset."""

import math

import numpy as np

from mmaudit.checks.audio._recording import Recording, recording
from mmaudit.checks.base import QualityCheck

LOWEST = -120.0  # dB, of silence


def measure(sound: Recording) -> float:
    """Root mean square of the loudest channel, in dB of full scale."""
    if sound.empty:
        return math.nan
    power = float(np.mean(np.square(sound.loudest)))
    return max(10 * math.log10(max(power, 1e-300)), LOWEST)


CHECK = QualityCheck(
    view=recording,
    measure=measure,
    unit="dB of full scale",
    bad="either",
    source="ours",
    finding="of an odd level",
    suggestion="bring all to one level",
)
