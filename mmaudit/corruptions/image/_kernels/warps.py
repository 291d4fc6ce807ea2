"""Warps: a picture read at displaced places."""

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

from mmaudit.kernels import kernel

_HALF, _ONE, _TWO, _ZERO = np.float32(0.5), np.float32(1), np.float32(2), np.float32(0)


@njit(inline="always")
def _inside(place, size):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    """Mirror a place outside once, the border pixel repeated; farther is the border."""
    if place < -_HALF:
        place = -place - _ONE
    if place > size - _HALF:
        place = _TWO * size - _ONE - place
    return min(max(place, _ZERO), size - _ONE)


@kernel
def _sources(right, down, y, gain, tall, step, index, weight):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    """Where each pixel of a row comes from: its neighbours' places, and their weights."""
    height, width = np.float32(tall), np.float32(right.size)
    upper, before, after = index[0], index[1], index[2]
    for x in range(right.size):
        py = _inside(np.float32(y) + down[x] * gain, height)
        px = _inside(np.float32(x) + right[x] * gain, width)
        row, column = np.int32(py), np.int32(px)
        v, u = py - np.float32(row), px - np.float32(column)
        upper[x], before[x] = row, column * step
        after[x] = min(column + 1, right.size - 1) * step
        both = v * u
        weight[0, x], weight[1, x] = _ONE - v - u + both, u - both
        weight[2, x], weight[3, x] = v - both, both


@kernel
def _warp(image, right, down, gain, guard, full, out):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    height, width = right.shape
    channels, one = np.uint64(image.shape[1] // width), np.uint64(1)
    index, weight = np.empty((3, width), np.uint32), np.empty((4, width), np.float32)
    last = np.uint64(height - 1)
    for y in range(height):
        to = out[y]
        _sources(right[y], down[y], y, gain, height, channels, index, weight)
        for x in range(width):
            row = np.uint64(index[0, x])
            a, b = image[row], image[min(row + one, last)]
            i, j, k = np.uint64(index[1, x]), np.uint64(index[2, x]), np.uint64(x) * channels
            p, q, r, s = weight[0, x], weight[1, x], weight[2, x], weight[3, x]
            for _ in range(channels):
                value = p * np.float32(a[i]) + q * np.float32(a[j])
                value += r * np.float32(b[i]) + s * np.float32(b[j])
                to[k] = min(value + guard, full)
                i, j, k = i + one, j + one, k + one


def warp(
    image: NDArray[np.uint8],
    right: NDArray[np.float32],
    down: NDArray[np.float32],
    gain: float,
    guard: float,
    full: int,
) -> NDArray[np.uint8]:
    """Read every pixel from a place displaced by ``gain`` times a field, linearly interpolated.

    Args:
        image: ``(h, w, c)`` uint8 or uint16.
        right: Displacement to the right, in pixels, ``(h, w)``.
        down: Displacement downwards, likewise.
        gain: Factor of both.
        guard: Added before truncation, for float32 sums that fall short.
        full: Largest value.
    """
    out = np.empty_like(image)
    height = image.shape[0]
    scale = np.float32(gain), np.float32(guard), np.float32(full)
    _warp(image.reshape(height, -1), right, down, *scale, out.reshape(height, -1))
    return out


def turn(image: NDArray[np.uint8], angle: float, guard: float, full: int) -> NDArray[np.uint8]:
    """Turn a picture about its centre; outside it is mirrored.

    Args:
        image: ``(h, w, c)`` uint8 or uint16.
        angle: In degrees, from the horizontal downwards.
        guard: Added before truncation, for float32 sums that fall short.
        full: Largest value.
    """
    height, width = image.shape[:2]
    y = np.arange(height)[:, None] - (height - 1) / 2
    x = np.arange(width)[None, :] - (width - 1) / 2
    less, sine = math.cos(math.radians(angle)) - 1, math.sin(math.radians(angle))
    right = (less * x + sine * y).astype(np.float32)
    down = (less * y - sine * x).astype(np.float32)
    return warp(image, right, down, 1.0, guard, full)
