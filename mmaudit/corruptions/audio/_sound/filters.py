"""Filters without delay: gains over frequency, applied to a whole clip."""

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import numpy as np
from scipy import fft

from mmaudit.arrays import Signal, Sound
from mmaudit.corruptions.audio._sound.finite import KEEPS, finite
from mmaudit.corruptions.base import Corruption
from mmaudit.doses.audio import SNR_DB
from mmaudit.seeds import Words

Gains = Callable[[Any], Any]
ORDER = 4


class Cutoff(NamedTuple):
    """What is left."""

    cutoff_hz: float


def filtered(signal: Signal, rate: float, gains: Gains) -> Signal:
    """Multiply the spectrum of a clip, between silences, by real gains.

    Args:
        signal: ``(time, channel)``.
        rate: Samples a second.
        gains: Gain at each frequency in Hz, in [0, 1].
    """
    n = signal.shape[0]
    size = fft.next_fast_len(2 * n, real=True)
    spectrum = fft.rfft(signal, size, axis=0)
    frequency = np.arange(spectrum.shape[0]) * (rate / size)
    return fft.irfft(spectrum * gains(frequency)[:, None], size, axis=0)[:n]


def below(cutoff_hz: float) -> Gains:
    """Butterworth's gain of order 4, ``1 / sqrt(1 + (f / f_c)^8)``: half the power at f_c."""
    return lambda f: 1.0 / np.sqrt(1.0 + (f / cutoff_hz) ** (2 * ORDER))


def above(cutoff_hz: float) -> Gains:
    """The gain that passes what is above, ``sqrt(1 - below^2)``."""
    return lambda f: 1.0 / np.sqrt(1.0 + (cutoff_hz / np.maximum(f, 1e-9)) ** (2 * ORDER))


def outside(low_hz: float, high_hz: float) -> Gains:
    """The gain that stops a band: the larger of what passes below and above it."""
    return lambda f: np.maximum(below(low_hz)(f), above(high_hz)(f))


def pass_filter(
    gains: Callable[[float], Gains], cutoffs_hz: tuple[float, ...], reference: str
) -> Corruption[Sound, Cutoff]:
    """The corruption that passes what is on one side of a frequency.

    Args:
        gains: `below` or `above`.
        cutoffs_hz: Frequency of each severity, where half the power is left.
        reference: What others call it.
    """
    return Corruption(
        apply=partial(_cut_off, gains),
        severities=tuple(map(Cutoff, cutoffs_hz)),
        units={"cutoff_hz": "Hz, where half the power is left"},
        keeps=KEEPS,
        dose=SNR_DB,
        source=f"{reference}; Butterworth's gain of order 4 without delay, in the spectrum. Nothing"
        " is drawn at random.",
        needs=("rate",),
    )


def _cut_off(
    gains: Callable[[float], Gains], clean: Sound, severity: Cutoff, _: Words, rate: float
) -> Sound:
    return finite(clean, lambda x: filtered(x, rate, gains(severity.cutoff_hz)))
