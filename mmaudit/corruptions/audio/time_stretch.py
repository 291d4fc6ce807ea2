"""Time stretch: faster or slower at the same pitch, as when speech is rushed or drawled."""

from typing import NamedTuple

from mmaudit.arrays import Sound
from mmaudit.corruptions.audio._sound.finite import KEEPS, finite
from mmaudit.corruptions.audio._sound.vocoder import fitted, stretched
from mmaudit.corruptions.base import Corruption
from mmaudit.doses.audio import SPECTRAL_DISTANCE
from mmaudit.seeds import Words


class Severity(NamedTuple):
    """How far the pace is off."""

    factor: float


def change_pace(clean: Sound, severity: Severity, words: Words, rate: float) -> Sound:
    """Play faster or slower by a phase vocoder, as a coin falls."""
    slower = words.uniforms(1)[0] < 0.5
    factor = severity.factor if slower else 1.0 / severity.factor
    return finite(clean, lambda x: fitted(stretched(x, factor, rate), x.shape[0]))


CORRUPTION: Corruption[Sound, Severity] = Corruption(
    apply=change_pace,
    severities=tuple(Severity(value) for value in (1.03, 1.06, 1.12, 1.2, 1.3)),
    units={"factor": "times as long, or as short"},
    keeps=KEEPS,
    dose=SPECTRAL_DISTANCE,
    source="TimeStretch of audiomentations (0.8 ... 1.25); phase vocoder of Flanagan and Golden"
    " 1966 (doi:10.1002/j.1538-7305.1966.tb01706.x). The length stays: what is too long is"
    " cut, what is too short is followed by silence.",
    needs=("rate",),
)
