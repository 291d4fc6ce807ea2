"""High pass: what is below a frequency lost, as from a tiny loudspeaker."""

from typing import NamedTuple

from mmaudit.corruptions.audio._sound.filters import above, filtered
from mmaudit.corruptions.audio._sound.finite import KEEPS, Audio, finite
from mmaudit.corruptions.base import Corruption
from mmaudit.doses.audio import SNR_DB
from mmaudit.seeds import Words


class Severity(NamedTuple):
    """What is left."""

    cutoff_hz: float


def thin_out(clean: Audio, severity: Severity, _: Words, rate: float) -> Audio:
    """Pass what is above the cutoff."""
    return finite(clean, lambda x: filtered(x, rate, above(severity.cutoff_hz)))


CORRUPTION: Corruption[Audio, Severity] = Corruption(
    apply=thin_out,
    severities=tuple(Severity(value) for value in (200.0, 400.0, 800.0, 1600.0, 3200.0)),
    units={"cutoff_hz": "Hz, where half the power is left"},
    keeps=KEEPS,
    dose=SNR_DB,
    source="HighPassFilter of audiomentations and AugLy; Butterworth's gain of order 4 without"
    " delay, in the spectrum. Nothing is drawn at random.",
    needs=("rate",),
)
