"""Lines: a picture dragged along a straight line, as a camera that moves leaves it."""

import math

import cv2
import numpy as np
from numba import njit
from numpy.typing import NDArray

from mmaudit.arrays import Pixels
from mmaudit.kernels import kernel

Taps = tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float32]]


def taps(radius: int, sigma: float, angle: float) -> Taps:
    """Whole-pixel shifts along a line with half-Gaussian weights.

    Args:
        radius: The line has ``2 radius + 1`` steps, in pixels.
        sigma: Standard deviation of the weights, in pixels.
        angle: Direction in degrees, counted from the horizontal.

    Returns:
        Vertical shifts, horizontal shifts, and weights that add to 1.
    """
    width = 2 * radius + 1
    step = np.arange(width)
    weights = np.exp(-(step**2) / (2 * sigma**2))
    down, right = width * math.sin(math.radians(angle)), width * math.cos(math.radians(angle))
    length = math.hypot(down, right)
    rows = np.array([-math.ceil(i * down / length - 0.5) for i in step], np.int64)
    columns = np.array([-math.ceil(i * right / length - 0.5) for i in step], np.int64)
    return rows, columns, (weights / weights.sum()).astype(np.float32)


@njit(inline="always")
def _shifted(padded, channels, pad, row, shift, width):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    start = (pad - shift) * channels
    return padded[row, start : start + width]


@kernel
def _drag(padded, channels, pad, rows, columns, weights, guard, full, out):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    height, width = out.shape
    total = np.empty(width, np.float32)
    four = rows.size - rows.size % 4
    for y in range(height):
        total[:] = guard
        for t in range(0, four, 4):  # four shifts at a time spare the traffic of the totals
            a = _shifted(padded, channels, pad, y + pad - rows[t], columns[t], width)
            b = _shifted(padded, channels, pad, y + pad - rows[t + 1], columns[t + 1], width)
            c = _shifted(padded, channels, pad, y + pad - rows[t + 2], columns[t + 2], width)
            d = _shifted(padded, channels, pad, y + pad - rows[t + 3], columns[t + 3], width)
            k, m, n, o = weights[t], weights[t + 1], weights[t + 2], weights[t + 3]
            for i in range(width):
                total[i] += k * np.float32(a[i]) + m * np.float32(b[i])
                total[i] += n * np.float32(c[i]) + o * np.float32(d[i])
        for t in range(four, rows.size):
            a, k = _shifted(padded, channels, pad, y + pad - rows[t], columns[t], width), weights[t]
            for i in range(width):
                total[i] += k * np.float32(a[i])
        to = out[y]
        for i in range(width):
            to[i] = min(total[i], full)


def drag(image: Pixels, line: Taps, guard: float, full: float) -> Pixels:
    """The weighted sum of shifted copies; the border pixels go on outside.

    Args:
        image: Values in [0, full], ``(h, w, c)``, of any dtype, which the answer has too.
        line: What `taps` gave.
        guard: Added before the answer is cast, for float32 sums that fall short.
        full: Largest value.
    """
    rows, columns, weights = line
    pad = int(max(np.abs(rows).max(), np.abs(columns).max()))
    height, width, channels = image.shape
    padded = cv2.copyMakeBorder(image, pad, pad, pad, pad, cv2.BORDER_REPLICATE)
    out = np.empty_like(image)
    _drag(
        padded.reshape(height + 2 * pad, -1),
        *(channels, pad, rows, columns, weights, np.float32(guard), np.float32(full)),
        out.reshape(height, width * channels),
    )
    return out
