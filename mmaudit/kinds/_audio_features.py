"""Plain features of sounds: log-mel energies in four stretches of time."""

import numpy as np
from numpy.typing import NDArray

from mmaudit.arrays import Vectors

BANDS, STRETCHES, WINDOW, HOP = 40, 4, 0.032, 0.016  # of the mel scale, of time; seconds
RATE = 16_000.0  # Hz, of audio whose rate nobody says


def features(samples: NDArray[np.float32]) -> Vectors:
    """Log-mel energies, mean and deviation in each stretch of time."""
    mono = np.asarray(samples, np.float32).reshape(len(samples), -1).mean(1)
    size, hop = int(WINDOW * RATE), int(HOP * RATE)
    padded = np.pad(mono, (0, max(0, size * STRETCHES - len(mono))))
    frames = np.lib.stride_tricks.sliding_window_view(padded, size)[::hop]
    power = np.abs(np.fft.rfft(frames * np.hanning(size), axis=1)) ** 2
    mel = np.log(power @ _mel(power.shape[1]) + 1e-6)
    parts = np.array_split(mel, STRETCHES)
    return np.concatenate([f(p, axis=0) for p in parts for f in (np.mean, np.std)]).astype(
        np.float32
    )


def _mel(bins: int) -> NDArray[np.float64]:
    """Triangular filters that are even on the mel scale, ``(bin, band)``."""
    top = 2595 * np.log10(1 + RATE / 2 / 700)
    hertz = 700 * (10 ** (np.linspace(0, top, BANDS + 2) / 2595) - 1)
    frequency = np.linspace(0, RATE / 2, bins)[:, None]
    low, middle, high = hertz[:-2], hertz[1:-1], hertz[2:]
    rise, fall = (frequency - low) / (middle - low), (high - frequency) / (high - middle)
    return np.maximum(np.minimum(rise, fall), 0.0)
