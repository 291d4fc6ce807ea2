"""Series: ``(time, channel)`` float32 from nested lists, JSON text or a ``.npy`` file."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from mmaudit.kinds.base import Undecodable, Usual
from mmaudit.kinds.vector import encode, numbers

Series = NDArray[np.float32]


def decode(cell: Any, usual: Usual) -> Series | None:
    """One series, ``(time, channel)``; a plain list is one channel. None where absent.

    Raises:
        Undecodable: It is not finite numbers, is empty, or has not the channels of the others.
    """
    series = numbers(cell)
    if series is None:
        return None
    if series.ndim == 1:
        series = series[:, None]
    if series.ndim != 2 or not series.size:
        raise Undecodable(f"has the shape {series.shape}, a series is (time, channel)")
    if usual.shape and series.shape[1] != usual.shape[0]:
        raise Undecodable(f"has {series.shape[1]} channels, others have {usual.shape[0]}")
    series = series.astype(np.float32)
    finite = np.isfinite(series)
    if finite.all():
        return series
    if np.isnan(series).all():
        return None
    step, channel = np.unravel_index(int(np.argmin(finite)), series.shape)
    raise Undecodable(f"step {step} of channel {channel} is {series[step, channel]}")


__all__ = ["decode", "encode"]
