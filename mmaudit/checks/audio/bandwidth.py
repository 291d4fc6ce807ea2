"""Bandwidth: the sound has no high frequencies, as from a telephone or a low rate.

The frequency below which 99 % of the energy lies once every octave is raised by 6 dB. Noise has
high frequencies too: where `snr` is low, it says little.
"""

import math

import numpy as np

from mmaudit.checks.audio._recording import Recording, recording
from mmaudit.checks.base import QualityCheck

SHARE = 0.99


def measure(sound: Recording) -> float:
    """Bandwidth, in Hz."""
    if not sound.tells:
        return math.nan
    rise = np.square(np.sin(np.pi * sound.frequencies / sound.rate))
    energy = np.cumsum(sound.powers.mean(0) * rise)
    return float(sound.frequencies[np.searchsorted(energy, SHARE * energy[-1])])


CHECK = QualityCheck(
    view=recording,
    measure=measure,
    unit="Hz",
    bad="low",
    source="spectral roll-off of the differenced signal; 99 %: ours",
    finding="without high frequencies",
    suggestion="look for telephone recordings and for what was upsampled",
    sees=("audio/low_pass",),
    scale="log",
)
