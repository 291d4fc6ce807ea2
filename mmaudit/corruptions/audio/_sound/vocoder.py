"""Phase vocoder: a clip made longer or shorter at the same pitch.

References:
    Flanagan and Golden 1966, "Phase vocoder", doi:10.1002/j.1538-7305.1966.tb01706.x; as in
    Laroche and Dolson 1999, "Improved phase vocoder time-scale modification of audio",
    doi:10.1109/89.759041, without phase locking.
"""

import numpy as np
from numpy.typing import NDArray
from scipy import fft

from mmaudit.arrays import Signal

WINDOW_S = 0.064
OVERLAP = 4


def stretched(signal: Signal, factor: float, rate: float) -> Signal:
    """A clip played ``factor`` times as long, ``(round(time * factor), channel)``.

    Args:
        signal: ``(time, channel)``.
        factor: New over old duration.
        rate: Samples a second.
    """
    hop = max(2, round(rate * WINDOW_S / OVERLAP))
    window = np.hanning(hop * OVERLAP + 1)[:-1]
    size = max(1, round(signal.shape[0] * factor))
    columns = [_stretch(column, factor, hop, window, size) for column in signal.T]
    return np.stack(columns, axis=1)


def resampled(signal: Signal, size: int) -> Signal:
    """A clip at other points in time, ``(size, channel)``, by linear interpolation."""
    places = np.arange(size) * (signal.shape[0] / size)
    times = np.arange(signal.shape[0])
    return np.stack([np.interp(places, times, column) for column in signal.T], axis=1)


def fitted(signal: Signal, size: int) -> Signal:
    """A clip cut, or continued with silence, to a length."""
    missing = max(0, size - signal.shape[0])
    return np.pad(signal[:size], ((0, missing), (0, 0)))


def _stretch(
    column: NDArray[np.float64], factor: float, hop: int, window: NDArray[np.float64], size: int
) -> NDArray[np.float64]:
    length = window.size
    padded = np.pad(column, (length // 2, length + hop))
    frames = np.lib.stride_tricks.sliding_window_view(padded, length)[::hop]
    spectra = fft.rfft(frames * window, axis=1)
    last = spectra.shape[0] - 2
    times = np.arange(0.0, last + 1e-9, 1.0 / factor)
    before = np.minimum(times.astype(np.int64), last)
    part = (times - before)[:, None]
    size_of = (1.0 - part) * np.abs(spectra[before]) + part * np.abs(spectra[before + 1])
    turns = np.angle(spectra[before + 1]) - np.angle(spectra[before])
    expected = 2.0 * np.pi * hop * np.arange(spectra.shape[1]) / length
    advance = expected + np.angle(np.exp(1j * (turns - expected)))
    phase = np.angle(spectra[0]) + np.concatenate(
        [np.zeros((1, advance.shape[1])), np.cumsum(advance[:-1], axis=0)]
    )
    stretched_frames = fft.irfft(size_of * np.exp(1j * phase), length, axis=1) * window
    return _overlapped(stretched_frames, hop, window)[length // 2 :][:size]


def _overlapped(
    frames: NDArray[np.float64], hop: int, window: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Sum of frames a hop apart, over the sum of their squared windows."""
    total = np.zeros((frames.shape[0] + OVERLAP - 1, hop))
    weight = np.zeros_like(total)
    parts = frames.reshape(frames.shape[0], OVERLAP, hop)
    squares = np.square(window).reshape(OVERLAP, hop)
    for k in range(OVERLAP):
        total[k : k + frames.shape[0]] += parts[:, k]
        weight[k : k + frames.shape[0]] += squares[k]
    return (total / np.maximum(weight, 1e-3)).ravel()
