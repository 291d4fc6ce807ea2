"""Lines: a picture dragged along a straight line, as a camera that moves leaves it."""

import math

import cv2
import numpy as np
from numba import njit
from numpy.typing import NDArray

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


@njit(cache=True, nogil=True)
def _drag(padded, channels, pad, rows, columns, weights, guard, full, out):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    height, width = out.shape
    total = np.empty(width, np.float32)
    for y in range(height):
        total[:] = guard
        t = 0
        while t + 1 < rows.size:  # two shifts at a time halve the traffic of the totals
            left, k = (pad - columns[t]) * channels, weights[t]
            also, m = (pad - columns[t + 1]) * channels, weights[t + 1]
            one = padded[y + pad - rows[t], left : left + width]
            two = padded[y + pad - rows[t + 1], also : also + width]
            for i in range(width):
                total[i] += k * np.float32(one[i]) + m * np.float32(two[i])
            t += 2
        if t < rows.size:
            left, k = (pad - columns[t]) * channels, weights[t]
            one = padded[y + pad - rows[t], left : left + width]
            for i in range(width):
                total[i] += k * np.float32(one[i])
        to = out[y]
        for i in range(width):
            to[i] = min(total[i], full)


def drag(image: NDArray[np.uint8], line: Taps, guard: float, full: float) -> NDArray[np.uint8]:
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
