"""Mixing noise into a signal at an exact signal-to-noise ratio."""

from functools import partial
from typing import NamedTuple

import numpy as np
from scipy import fft

from mmaudit.arrays import Signal, Sound
from mmaudit.corruptions.audio._sound.finite import KEEPS, finite
from mmaudit.corruptions.base import Corruption
from mmaudit.doses.audio import SNR_DB
from mmaudit.seeds import Words

AUDIBLE_HZ = 20.0
STREAM, START = 0, 1  # of the words: the noise, and where a longer noise begins


class NoiseRatio(NamedTuple):
    """How loud the signal is against the noise."""

    snr_db: float


UNITS = {"snr_db": "dB, mean power of the clip over mean power of the noise that was added"}
GRID = tuple(NoiseRatio(snr) for snr in (20.0, 15.0, 10.0, 5.0, 0.0))
SHAPED = (
    "AddColorNoise of audiomentations; shaped in the spectrum, level below 20 Hz so that the ratio"
    " is not spent on what nobody hears. y = x + g n with g from the realised power of the noise,"
    " so that the ratio is exact; silence stays silence. 20 ... 0 dB."
)  # source of coloured noises


def add_at(signal: Signal, noise: Signal, snr_db: float) -> Signal:
    """Add noise, scaled by its realised power so that the ratio is exact.

    ``y = x + g n`` with ``g = sqrt(mean(x^2) / (mean(n^2) 10^(snr/10)))``, the means over all
    samples and channels. A silent signal, against which no noise has a ratio, stays silent, and
    silent noise adds nothing.

    Args:
        signal: What is damaged, ``(time, channel)``.
        noise: What is added, of the same shape.
        snr_db: Ratio of their powers in dB.
    """
    loud = _normalised(signal)[1]
    unit_noise, loud_noise = _normalised(noise)
    if loud == 0.0 or loud_noise == 0.0:
        return signal
    return signal + unit_noise * (loud * 10.0 ** (-snr_db / 20.0))


def equally_loud(clips: list[Signal]) -> Signal:
    """Sum of clips after each is scaled to the same power; silent ones add nothing."""
    return np.sum([_normalised(clip)[0] for clip in clips], axis=0)


def white(signal: Signal, words: Words) -> Signal:
    """Standard normal noise of a signal's shape, independent over time and channels."""
    return words.normals(signal.size, STREAM).reshape(signal.shape)


def coloured(signal: Signal, exponent: float, rate: float, words: Words) -> Signal:
    """Noise of a signal's shape whose power falls as ``1 / f^exponent`` above 20 Hz.

    Args:
        signal: Gives the shape, ``(time, channel)``.
        exponent: 0 for white, 1 for pink, 2 for brown noise.
        rate: Samples a second.
        words: The sample's random words.
    """
    n = signal.shape[0]
    size = fft.next_fast_len(n, real=True)
    draws = words.normals(size * signal.shape[1], STREAM).reshape(signal.shape[1], size)
    spectrum = fft.rfft(draws.T, axis=0)
    frequency = np.arange(spectrum.shape[0]) * (rate / size)
    spectrum *= (np.maximum(frequency, AUDIBLE_HZ) ** (-exponent / 2.0))[:, None]
    if n > 1:
        spectrum[0] = 0.0
    return fft.irfft(spectrum, size, axis=0)[:n]


def coloured_noise(exponent: float) -> Corruption[Sound, NoiseRatio]:
    """The corruption by noise of power ``1 / f^exponent`` above 20 Hz at an exact ratio.

    Args:
        exponent: As of `coloured`.
    """
    return Corruption(
        apply=partial(_add_coloured, exponent),
        severities=GRID,
        units=UNITS,
        keeps=KEEPS,
        dose=SNR_DB,
        source=SHAPED,
        needs=("rate",),
    )


def _add_coloured(
    exponent: float, clean: Sound, severity: NoiseRatio, words: Words, rate: float
) -> Sound:
    return finite(clean, lambda x: add_at(x, coloured(x, exponent, rate, words), severity.snr_db))


def cut_to(donor: Sound, signal: Signal, words: Words, index: int = 0) -> Signal:
    """Make another clip as long as a signal: from a random place on, repeated where too short.

    Args:
        donor: Another clip at the same rate, ``(time, channel)`` or ``(time,)``; values that are
            not finite count as silence.
        signal: Gives the shape, ``(time, channel)``. Where the channels differ in number, all
            get the mean of the donor's.
        words: The sample's random words.
        index: Which donor it is: each begins at its own place.
    """
    n, channels = signal.shape
    if not donor.size:
        return np.zeros_like(signal)
    wide = donor.reshape(donor.shape[0], -1)
    other = np.where(np.isfinite(wide), wide, 0.0).astype(np.float64)
    if other.shape[1] != channels:
        other = np.repeat(other.mean(axis=1, keepdims=True), channels, axis=1)
    start = words.integers(index + 1, other.shape[0], START)[index]
    return np.take(other, np.arange(start, start + n), axis=0, mode="wrap")


def _normalised(signal: Signal) -> tuple[Signal, float]:
    """A signal of power 1, and the root mean square that it had; silence stays as it is."""
    peak = float(np.abs(signal).max())
    if peak == 0.0:
        return signal, 0.0
    scaled = signal / peak  # so that no square overflows or vanishes
    level = float(np.sqrt(np.mean(np.square(scaled))))
    return scaled / level, level * peak
