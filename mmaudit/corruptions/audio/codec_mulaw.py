"""Codec mu-law: values on a logarithmic scale of few levels, as in telephone networks."""

from typing import NamedTuple

import numpy as np

from mmaudit.arrays import Signal, Sound
from mmaudit.corruptions.audio._sound.finite import KEEPS, finite
from mmaudit.corruptions.base import Corruption
from mmaudit.doses.audio import SNR_DB
from mmaudit.seeds import Words

MU = 255.0


class Severity(NamedTuple):
    """How many levels there are."""

    bits: float


def compand(clean: Sound, severity: Severity, _: Words) -> Sound:
    """Compress, round to the levels and expand."""

    def code(x: Signal) -> Signal:
        levels = 2.0 ** (severity.bits - 1) - 1.0
        loud = np.log1p(MU * np.abs(np.clip(x, -1.0, 1.0))) / np.log1p(MU)
        return np.sign(x) * np.expm1(np.round(loud * levels) / levels * np.log1p(MU)) / MU

    return finite(clean, code)


CORRUPTION: Corruption[Sound, Severity] = Corruption(
    apply=compand,
    severities=tuple(Severity(value) for value in (8, 7, 6, 5, 4)),
    units={"bits": "bits of a value"},
    keeps=KEEPS,
    dose=SNR_DB,
    source="ITU-T G.711, the continuous mu-law with mu = 255; 8 bits are the standard's, fewer are"
    " worse. Silence stays silence, values outside [-1, 1] are clipped. Nothing is drawn at"
    " random.",
)
