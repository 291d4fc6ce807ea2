"""DC: the middle of the sound is not zero, as from a faulty sound card."""

import math

from mmaudit.checks.audio._recording import Recording, recording
from mmaudit.checks.base import QualityCheck


def measure(sound: Recording) -> float:
    """Magnitude of the mean, as a share of full scale."""
    return math.nan if sound.empty else abs(float(sound.loudest.mean()))


CHECK = QualityCheck(
    view=recording,
    measure=measure,
    unit="of full scale",
    bad="high",
    source="ours",
    finding="off its middle",
    suggestion="subtract the mean",
    sees=("audio/dc_offset",),
    scale="log",
)
