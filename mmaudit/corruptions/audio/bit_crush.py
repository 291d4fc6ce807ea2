"""Bit crush: few levels of loudness, as of an early sampler."""

from typing import NamedTuple

import numpy as np

from mmaudit.arrays import Sound
from mmaudit.corruptions.audio._sound.finite import KEEPS, finite
from mmaudit.corruptions.base import Corruption
from mmaudit.doses.audio import SNR_DB
from mmaudit.seeds import Words


class Severity(NamedTuple):
    """How many levels there are."""

    bits: float


def crush(clean: Sound, severity: Severity, _: Words) -> Sound:
    """Round to even steps of full scale."""
    steps = 2.0 ** (severity.bits - 1)
    return finite(clean, lambda x: np.round(x * steps) / steps)


CORRUPTION: Corruption[Sound, Severity] = Corruption(
    apply=crush,
    severities=tuple(Severity(value) for value in (10, 8, 6, 5, 4)),
    units={"bits": "bits of a value"},
    keeps=KEEPS,
    dose=SNR_DB,
    source="BitCrush of audiomentations (5 ... 10 bits), without dither; full scale is [-1, 1],"
    " zero is a level, and values outside get levels too. Nothing is drawn at random.",
)
