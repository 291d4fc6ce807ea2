"""Low cut: the sound has no low frequencies, as from a small speaker or a strong filter."""

import math

from mmaudit.checks.audio._recording import Recording, recording
from mmaudit.checks.base import QualityCheck

LOW = (20.0, 300.0)  # Hz
LEAST = 1e-12


def measure(sound: Recording) -> float:
    """Energy from 20 to 300 Hz over all of it, in dB."""
    if not sound.tells:
        return math.nan
    power = sound.powers.mean(0)
    low = (sound.frequencies > LOW[0]) & (sound.frequencies < LOW[1])
    return 10 * math.log10(power[low].sum() / max(power.sum(), 1e-300) + LEAST)


CHECK = QualityCheck(
    view=recording,
    measure=measure,
    unit="dB",
    bad="low",
    source="ours",
    finding="without low frequencies",
    suggestion="look for another microphone or a filter",
    sees=("audio/high_pass",),
)
