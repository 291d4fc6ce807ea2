"""Low pass: what is above a frequency lost, as behind a wall or on a telephone."""

from typing import NamedTuple

from mmaudit.corruptions.audio._sound.filters import below, filtered
from mmaudit.corruptions.audio._sound.finite import KEEPS, Audio, finite
from mmaudit.corruptions.base import Corruption
from mmaudit.doses.audio import SNR_DB
from mmaudit.seeds import Words


class Severity(NamedTuple):
    """What is left."""

    cutoff_hz: float


def muffle(clean: Audio, severity: Severity, _: Words, rate: float) -> Audio:
    """Pass what is below the cutoff."""
    return finite(clean, lambda x: filtered(x, rate, below(severity.cutoff_hz)))


CORRUPTION: Corruption[Audio, Severity] = Corruption(
    apply=muffle,
    severities=tuple(Severity(value) for value in (4000.0, 3000.0, 2000.0, 1000.0, 500.0)),
    units={"cutoff_hz": "Hz, where half the power is left"},
    keeps=KEEPS,
    dose=SNR_DB,
    source="LowPassFilter of audiomentations and AugLy; Butterworth's gain of order 4 without"
    " delay, in the spectrum. Nothing is drawn at random.",
    needs=("rate",),
)
