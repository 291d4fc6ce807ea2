"""Mixing noise into a signal at an exact signal-to-noise ratio."""

from typing import NamedTuple

import numpy as np

from mmaudit.corruptions._audio.finite import Signal
from mmaudit.seeds import Words


class Level(NamedTuple):
    """How loud the signal is against the noise."""

    snr_db: float


UNITS = {"snr_db": "dB, mean power of the clip over mean power of the noise that was added"}
GRID = tuple(Level(snr) for snr in (20.0, 15.0, 10.0, 5.0, 0.0))


def add_at(signal: Signal, noise: Signal, snr_db: float) -> Signal:
    """Add noise, scaled by its realised power so that the ratio is exact.

    ``y = x + g n`` with ``g = sqrt(mean(x^2) / (mean(n^2) 10^(snr/10)))``, the means over all
    samples and channels. A silent signal, against which no noise has a ratio, stays silent, and
    so does a signal that silence is added to.

    Args:
        signal: What is damaged, ``(time, channel)``.
        noise: What is added, of the same shape.
        snr_db: Ratio of their powers in dB.
    """
    return signal + gain(signal, noise, snr_db) * noise


def gain(signal: Signal, noise: Signal, snr_db: float) -> float:
    """Factor of the noise that gives the ratio; 0 where there is no such factor."""
    loudest, loudest_noise = float(np.abs(signal).max()), float(np.abs(noise).max())
    if loudest == 0.0 or loudest_noise == 0.0:
        return 0.0
    # scaled by their peaks, no square overflows or vanishes
    ratio = np.mean(np.square(signal / loudest)) / np.mean(np.square(noise / loudest_noise))
    return float(np.sqrt(ratio) * (loudest / loudest_noise) * 10.0 ** (-snr_db / 20.0))


def white(shape: tuple[int, ...], words: Words) -> Signal:
    """Independent standard normal noise, ``(time, channel)``."""
    return words.normals(int(np.prod(shape))).reshape(shape)
