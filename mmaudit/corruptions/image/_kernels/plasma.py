"""Plasma: a cloudy field without seams by the diamond-square recurrence."""

import numpy as np
from numpy.typing import NDArray

from mmaudit.kernels import kernel

_QUARTER = np.float32(0.25)
WIBBLE = np.float32(100)


@kernel
def _grow(field, uniforms, decay):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    n = field.shape[0]
    field[0, 0] = 0
    step, wibble, j = n, WIBBLE, 0
    while step >= 2:
        half, jump = step // 2, wibble * wibble
        for y in range(0, n, step):  # the centre of each square, from its corners
            below = (y + step) & (n - 1)
            for x in range(0, n, step):
                after = (x + step) & (n - 1)
                corners = field[y, x] + field[below, x] + field[y, after] + field[below, after]
                field[y + half, x + half] = corners * _QUARTER + jump * uniforms[j]
                j += 1
        for y in range(0, n, step):  # the middle of each upper side, from its diamond
            above = (y - half) & (n - 1)
            for x in range(0, n, step):
                after = (x + step) & (n - 1)
                ends = field[y + half, x + half] + field[above, x + half]
                ends += field[y, x] + field[y, after]
                field[y, x + half] = ends * _QUARTER + jump * uniforms[j]
                j += 1
        for y in range(0, n, step):  # the middle of each left side, likewise
            below = (y + step) & (n - 1)
            for x in range(0, n, step):
                before = (x - half) & (n - 1)
                ends = field[y + half, x + half] + field[y + half, before]
                ends += field[y, x] + field[below, x]
                field[y + half, x] = ends * _QUARTER + jump * uniforms[j]
                j += 1
        step //= 2
        wibble /= decay


@kernel
def _stretch(field):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    low, high = field[0], field[0]
    for i in range(field.size):
        low, high = min(low, field[i]), max(high, field[i])
    gain = np.float32(1) / (high - low)
    for i in range(field.size):
        field[i] = (field[i] - low) * gain


def plasma(size: int, uniforms: NDArray[np.float32], decay: float) -> NDArray[np.float32]:
    """A toroidal field in [0, 1] whose smallest value is 0 and largest 1, ``(size, size)``.

    Args:
        size: A power of two, at least 2.
        uniforms: Numbers in [-1, 1), ``size**2 - 1`` of them, in the order of use.
        decay: How much less each finer scale wobbles, as a factor.
    """
    field = np.empty((size, size), np.float32)
    _grow(field, uniforms, np.float32(decay))
    _stretch(field.ravel())
    return field


@kernel
def _spread(words, low, gain, out):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    for i in range(out.size):
        out[i] = low + gain * np.float32(words[i] >> np.uint32(8))


def uniforms(words: NDArray[np.uint32], low: float, high: float) -> NDArray[np.float32]:
    """Numbers in [low, high), one of each word, in the shape of the words."""
    out = np.empty(words.shape, np.float32)
    _spread(words.ravel(), np.float32(low), np.float32((high - low) * 2.0**-24), out.ravel())
    return out
