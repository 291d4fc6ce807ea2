"""DC offset: the clip moved off the zero line, as by a bad sound card."""

from typing import NamedTuple

from mmaudit.arrays import Sound
from mmaudit.corruptions.audio._sound.finite import KEEPS, finite
from mmaudit.corruptions.base import Corruption
from mmaudit.doses.audio import SNR_DB
from mmaudit.seeds import Words


class Severity(NamedTuple):
    """How far it is off."""

    offset: float


def lift(clean: Sound, severity: Severity, words: Words) -> Sound:
    """Add a constant, up or down as a coin falls."""
    up = words.uniforms(1)[0] < 0.5
    offset = severity.offset if up else -severity.offset
    return finite(clean, lambda x: x + offset)


CORRUPTION: Corruption[Sound, Severity] = Corruption(
    apply=lift,
    severities=tuple(Severity(value) for value in (0.01, 0.03, 0.1, 0.2, 0.4)),
    units={"offset": "of full scale, up or down"},
    keeps=KEEPS,
    dose=SNR_DB,
    source="Constants are our own: 0.01 ... 0.4 of full scale, as bad converters give. Values may"
    " leave [-1, 1].",
)
