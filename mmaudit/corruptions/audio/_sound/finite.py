"""Finite audio: what every audio corruption does with values that are no numbers, and with shape.

A corruption works on float64 values of shape (time, channel). Values that are NaN or infinite to
begin with count as silence, and what comes out is always finite. Length, shape and dtype stay.
"""

from collections.abc import Callable

import numpy as np

from mmaudit.arrays import Signal, Sound
from mmaudit.corruptions.base import Keeps

KEEPS: frozenset[Keeps] = frozenset({"shape", "dtype", "length"})


def finite(clean: Sound, damage: Callable[[Signal], Signal]) -> Sound:
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
    signal = np.ascontiguousarray(np.where(np.isfinite(wide), wide, 0.0), np.float64)
    limit = float(np.finfo(clean.dtype).max)
    return np.clip(damage(signal), -limit, limit).astype(clean.dtype).reshape(clean.shape)
