"""Duration: the sound is much longer or much shorter than the others of the dataset."""

import math

from mmaudit.checks.audio._recording import Recording, recording
from mmaudit.checks.base import QualityCheck


def measure(sound: Recording) -> float:
    """Seconds."""
    return len(sound.channels) / sound.rate if sound.rate > 0 else math.nan


CHECK = QualityCheck(
    view=recording,
    measure=measure,
    unit="s",
    bad="either",
    source="ours",
    finding="of an odd length",
    suggestion="look for clips that were cut off, and for whole recordings among them",
    scale="log",
)
