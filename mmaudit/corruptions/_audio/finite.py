"""Finite audio: what every audio corruption does with values that are no numbers, and with shape.

A corruption works on finite float64 values of shape (time, channel). Values that are NaN or
infinite to begin with count as silence while it works and are put back where they were; finite
values never become NaN or infinite. The length, the shape and the dtype stay.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Audio = NDArray[np.float32]
Signal = NDArray[np.float64]


def finite(clean: Audio, damage: Callable[[Signal], Signal]) -> Audio:
    """Apply a function of finite audio to any audio.

    Args:
        clean: Audio, ``(time, channel)`` or ``(time,)``, floating.
        damage: Makes ``(time, channel)`` of the same shape; not called where there is no sample.

    Returns:
        Audio of the shape and dtype of ``clean``; a new array.
    """
    if not clean.size:
        return clean.copy()
    wide = clean.reshape(clean.shape[0], -1)
    good = np.isfinite(wide)
    if not good.any():
        return clean.copy()
    signal = np.where(good, wide, 0.0).astype(np.float64)
    limit = float(np.finfo(clean.dtype).max)
    damaged = np.clip(damage(signal), -limit, limit).astype(clean.dtype)
    return np.where(good, damaged, wide).reshape(clean.shape)


def power(signal: Signal) -> float:
    """Mean square over time and channels."""
    return float(np.mean(np.square(signal)))
