"""Filters without delay: gains over frequency, applied to a whole clip."""

from collections.abc import Callable
from typing import Any

import numpy as np
from scipy import fft

from mmaudit.corruptions.audio._sound.finite import Signal

Gains = Callable[[Any], Any]
ORDER = 4


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
