"""Band stop: a band of frequencies lost, as by a fault in a codec or a cable."""

from typing import NamedTuple

from mmaudit.arrays import Sound
from mmaudit.corruptions.audio._sound.filters import filtered, outside
from mmaudit.corruptions.audio._sound.finite import KEEPS, finite
from mmaudit.corruptions.base import Corruption
from mmaudit.doses.audio import SNR_DB
from mmaudit.seeds import Words

LOWEST_HZ = 200.0


class Severity(NamedTuple):
    """How wide the gap is."""

    octaves: float


def hollow_out(clean: Sound, severity: Severity, words: Words, rate: float) -> Sound:
    """Stop a band around a random centre, the same for every severity."""
    highest = max(2.0 * LOWEST_HZ, 0.4 * rate)
    centre = LOWEST_HZ * (highest / LOWEST_HZ) ** words.uniforms(1)[0]
    half = 2.0 ** (severity.octaves / 2.0)
    gains = outside(centre / half, centre * half)
    return finite(clean, lambda x: filtered(x, rate, gains))


CORRUPTION: Corruption[Sound, Severity] = Corruption(
    apply=hollow_out,
    severities=tuple(Severity(value) for value in (0.5, 1.0, 2.0, 3.0, 4.0)),
    units={"octaves": "octaves between the points of half power"},
    keeps=KEEPS,
    dose=SNR_DB,
    source="BandStopFilter of audiomentations; the centre is even in log frequency from 200 Hz to"
    " 0.4 of the rate, Butterworth's gains of order 4 without delay. A clip without sound in"
    " the band stays nearly as it is.",
    needs=("rate",),
)
