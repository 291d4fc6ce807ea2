"""Gain: the whole clip too loud or too quiet."""

from typing import NamedTuple

from mmaudit.arrays import Sound
from mmaudit.corruptions.audio._sound.finite import KEEPS, finite
from mmaudit.corruptions.base import Corruption
from mmaudit.doses.audio import SNR_DB
from mmaudit.seeds import Words


class Severity(NamedTuple):
    """How far the level is off."""

    gain_db: float


def turn(clean: Sound, severity: Severity, words: Words) -> Sound:
    """Multiply by a gain, up or down as a coin falls."""
    up = words.uniforms(1)[0] < 0.5
    factor = 10.0 ** ((1.0 if up else -1.0) * severity.gain_db / 20.0)
    return finite(clean, lambda x: x * factor)


CORRUPTION: Corruption[Sound, Severity] = Corruption(
    apply=turn,
    severities=tuple(Severity(value) for value in (3.0, 6.0, 12.0, 20.0, 30.0)),
    units={"gain_db": "dB up or down"},
    keeps=KEEPS,
    dose=SNR_DB,
    source="Gain of audiomentations (12 dB up or down), to 30 dB here. Nothing is clipped: values"
    " may leave [-1, 1].",
)
