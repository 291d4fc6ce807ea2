"""Resample: taken at fewer points and back without a filter, so that treble folds down."""

from typing import NamedTuple

from mmaudit.arrays import Signal, Sound
from mmaudit.corruptions.audio._sound.finite import KEEPS, finite
from mmaudit.corruptions.audio._sound.vocoder import resampled
from mmaudit.corruptions.base import Corruption
from mmaudit.doses.audio import SNR_DB
from mmaudit.seeds import Words


class Severity(NamedTuple):
    """How many points are kept."""

    ratio: float


def resample_badly(clean: Sound, severity: Severity, _: Words) -> Sound:
    """Keep fewer points and draw straight lines between them."""

    def fold(x: Signal) -> Signal:
        fewer = resampled(x, max(1, round(x.shape[0] * severity.ratio)))
        return resampled(fewer, x.shape[0])

    return finite(clean, fold)


CORRUPTION: Corruption[Sound, Severity] = Corruption(
    apply=resample_badly,
    severities=tuple(Severity(value) for value in (0.8, 0.6, 0.45, 0.3, 0.2)),
    units={"ratio": "of the clip's rate"},
    keeps=KEEPS,
    dose=SNR_DB,
    source="Aliasing and Resample of audiomentations: linear interpolation both ways. The ratio is"
    " to the clip's own rate, so that it does something at any rate. Nothing is drawn at"
    " random.",
)
