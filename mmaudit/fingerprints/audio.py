"""Fingerprints of sounds: signs of the slow changes of a spectrum, around the middle of its energy.

What is compared is the band of speech that every usual rate holds. The middle and the spread of the
energy say where a sound stands in time, so that silence before it, a cut or a gain moves little.
Two recordings of the same word may have close fingerprints; their waves have other phases, and
that is how they are told from copies.
"""

from functools import cache
from math import ceil, gcd
from typing import cast

import cv2
import numpy as np
from scipy.fft import irfft, next_fast_len, rfft

from mmaudit.arrays import Bools, Floats, Ints, Keys, Prints, Sound
from mmaudit.fingerprints.base import Fingerprint, bands

HERTZ = 4_000  # samples a second of what is compared
UNKNOWN = 16_000.0  # Hz, of sounds whose rate nobody says
LOWEST, HIGHEST = 150.0, 1_800.0  # Hz
STEEP = 8  # order of the edges of that band
SHORTEST = 0.1  # seconds
FAINT = 0.01  # share of the power in that band, below which another codec leaves little of it
WINDOW, HOP, MOST_FRAMES = 0.04, 0.005, 4_096  # seconds of a frame, and how many at most
MELS, TIMES = 16, 32
SPREADS = 2.2  # of the energy in time, on each side of its middle
FLOOR_DB = 20.0  # below the loudest
BITS = 256
MOST_DIFFERENT = 64  # bits: copies at most 54 in 19 of 20, other words of other speakers 50 or more
ORDERS = np.stack([np.arange(BITS), *(np.random.default_rng(i).permutation(BITS) for i in (1, 2))])
ALIKE = 0.97  # correlation of the waves: copies .979 or more, the same word said again .955 at most
LEAST_ENERGY = 0.5  # of each sound, in what two share
STEADY, APART = 0.9, 0.03  # correlation of a sound with itself so many seconds later


def take(sound: Sound, rate: float) -> bytes | None:
    """Signs of the cosine transform of a log-mel picture, ``BITS / 8`` bytes.

    None where a sound is too short, has nearly nothing in the band, or is as steady as a tone: two
    such sounds are alike without being copies.
    """
    wave = _band(sound, rate)
    power = float(np.mean(np.square(wave)))
    whole = float(np.var(sound.mean(axis=1, dtype=np.float64)))
    if wave.size < SHORTEST * HERTZ or power <= FAINT * whole or _steady(wave):
        return None
    frequencies = cv2.dct(_picture(wave)).ravel()[1 : BITS + 1]
    return np.packbits(frequencies > 0).tobytes()


def _band(sound: Sound, rate: float) -> Floats:
    """The band of speech of all channels, ``(time,)`` at `HERTZ`."""
    hertz = round(rate or UNKNOWN)
    step = hertz // gcd(hertz, HERTZ)  # of so many samples the new ones are whole
    mono = sound.mean(axis=1, dtype=np.float64)
    size = step * next_fast_len(ceil(len(mono) / step), real=True)
    spectrum = rfft(mono - mono.mean(), size)
    frequency = np.arange(len(spectrum)) * hertz / size
    rise = (frequency / LOWEST) ** STEEP
    edges = rise / (1 + rise) / (1 + (frequency / HIGHEST) ** STEEP)
    new = size * HERTZ // hertz
    wave = irfft(spectrum * np.sqrt(edges), new) * (new / size)
    return np.asarray(wave[: max(1, len(mono) * HERTZ // hertz)])


def _steady(wave: Floats) -> bool:
    return _alike(wave, wave, round(APART * HERTZ)) >= STEADY


def _picture(wave: Floats) -> Floats:
    """Loudness in dB of bands over time, ``(TIMES, MELS)``."""
    hop = max(HOP * HERTZ, len(wave) / MOST_FRAMES)
    width = round(max(WINDOW * HERTZ, 2 * hop))
    starts = np.arange(0, len(wave) + width, hop).astype(np.int64)
    padded = np.pad(wave, width + 1)
    frames = np.lib.stride_tricks.sliding_window_view(padded, width)[starts] * np.hanning(width)
    mels = np.abs(rfft(frames, axis=1)) ** 2 @ _filters(width)
    energy, time = mels.sum(axis=1), np.arange(len(mels))
    middle = np.average(time, weights=energy)
    spread = np.sqrt(np.average((time - middle) ** 2, weights=energy)) + 1e-9
    edges = middle + spread * np.linspace(-SPREADS, SPREADS, TIMES + 1)
    so_far = np.concatenate([np.zeros((1, MELS)), np.cumsum(mels, axis=0)])
    at = np.clip(edges + 0.5, 0, len(mels))
    cumulative = np.stack([np.interp(at, np.arange(len(so_far)), m) for m in so_far.T], axis=1)
    level = 10 * np.log10(np.maximum(np.diff(cumulative, axis=0), 1e-30))
    return np.asarray(np.maximum(level, level.max() - FLOOR_DB))


@cache
def _filters(width: int) -> Floats:
    """Triangles that are even on the mel scale, ``(frequency, MELS)``."""
    low_mel, high_mel = (2595 * np.log10(1 + hertz / 700) for hertz in (LOWEST, HIGHEST))
    hertz = 700 * (10 ** (np.linspace(low_mel, high_mel, MELS + 2) / 2595) - 1)
    frequency = np.arange(width // 2 + 1)[:, None] * HERTZ / width
    low, middle, high = hertz[:-2], hertz[1:-1], hertz[2:]
    rise, fall = (frequency - low) / (middle - low), (high - frequency) / (high - middle)
    return np.asarray(np.maximum(np.minimum(rise, fall), 0.0))


def stored(prints: Prints) -> Keys:
    """Keys of sounds, ``(n, band)``."""
    return bands(np.unpackbits(prints, axis=1), ORDERS)


def wanted(prints: Prints) -> Keys:
    """The same keys, ``(n, 1, band)``."""
    return stored(prints)[:, None]


def close(prints: Prints, first: Ints, second: Ints) -> Bools:
    """Whether few signs differ, ``(m,)``."""
    different = np.bitwise_count(prints[first] ^ prints[second]).sum(axis=1, dtype=np.int64)
    return np.asarray(different <= MOST_DIFFERENT)


def same(first: Sound, first_rate: float, second: Sound, second_rate: float) -> bool:
    """Whether the wave of one sound is that of the other, at some distance in time."""
    return _alike(_band(first, first_rate), _band(second, second_rate)) >= ALIKE


def _alike(one: Floats, other: Floats, least: int = 0) -> float:
    """Largest correlation, of either sign, of what two waves share when one is moved.

    Args:
        one: A wave, ``(time,)``.
        other: Another, ``(time,)``.
        least: Samples that it is moved by at least.
    """
    size = next_fast_len(len(one) + len(other), real=True)
    products = irfft(rfft(one, size) * np.conj(rfft(other, size)), size)
    lags = np.arange(1 - len(other), len(one))
    start, end = np.maximum(lags, 0), np.minimum(len(one), lags + len(other))
    energy, energy_of_other = _energies(one, start, end), _energies(other, start - lags, end - lags)
    usable = (energy > LEAST_ENERGY) & (energy_of_other > LEAST_ENERGY) & (abs(lags) >= least)
    shared = np.abs(products[lags[usable]]) / np.sqrt(energy * energy_of_other)[usable]
    return float(shared.max(initial=0.0)) / max(
        float(np.linalg.norm(one) * np.linalg.norm(other)), 1e-30
    )


def _energies(wave: Floats, start: Ints, end: Ints) -> Floats:
    """Shares of the energy of a wave in stretches of it."""
    so_far = np.concatenate([np.zeros(1), np.cumsum(np.square(wave))])
    return cast("Floats", (so_far[end] - so_far[start]) / max(so_far[-1], 1e-30))


FINGERPRINT = Fingerprint(
    take=take,
    stored=stored,
    wanted=wanted,
    close=close,
    same=same,
    finds="the same recording at another rate, encoded again, louder or softer, with a little "
    "noise, with silence around it or cut a little at its ends",
    source="signs of the cosine transform of a log-mel picture, after Haitsma and Kalker 2002, "
    "'A highly robust audio fingerprinting system'; the middle of the energy, the correlation of "
    "waves and the limits are ours, measured on spoken_digits",
)
