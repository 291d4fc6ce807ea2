"""Pitch shift: higher or lower at the same speed, as with wrong clocks."""

from typing import NamedTuple

from mmaudit.arrays import Sound
from mmaudit.corruptions.audio._sound.finite import KEEPS, finite
from mmaudit.corruptions.audio._sound.vocoder import resampled, stretched
from mmaudit.corruptions.base import Corruption
from mmaudit.doses.audio import SPECTRAL_DISTANCE
from mmaudit.seeds import Words


class Severity(NamedTuple):
    """How far it is off."""

    semitones: float


def shift_pitch(clean: Sound, severity: Severity, words: Words, rate: float) -> Sound:
    """Stretch by a phase vocoder and play faster, or the other way round, as a coin falls."""
    up = words.uniforms(1)[0] < 0.5
    ratio = 2.0 ** ((1.0 if up else -1.0) * severity.semitones / 12.0)
    return finite(clean, lambda x: resampled(stretched(x, ratio, rate), x.shape[0]))


CORRUPTION: Corruption[Sound, Severity] = Corruption(
    apply=shift_pitch,
    severities=tuple(Severity(value) for value in (0.5, 1.0, 2.0, 3.0, 4.0)),
    units={"semitones": "semitones up or down"},
    keeps=KEEPS,
    dose=SPECTRAL_DISTANCE,
    source="PitchShift of audiomentations (4 semitones up or down); phase vocoder of Flanagan and"
    " Golden 1966 (doi:10.1002/j.1538-7305.1966.tb01706.x) and linear interpolation. The"
    " length stays.",
    needs=("rate",),
)
