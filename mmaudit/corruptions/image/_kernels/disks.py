"""Disks: what a lens out of focus makes of a point, and of a picture."""

from functools import lru_cache
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from mmaudit.kernels import kernel

SMALLEST = 8  # the grid of the reference is never smaller than this on each side of the centre
MOST = 256  # 8-bit taps that a 16-bit sum can hold


class Disk(NamedTuple):
    """A disk as groups of pixels of equal weight, so that most of the work is on integers."""

    reach: int
    rows: NDArray[np.uint64]
    columns: NDArray[np.uint64]
    starts: NDArray[np.uint64]
    weights: NDArray[np.float32]


@lru_cache(maxsize=32)
def disk(radius: int, smooth: float) -> Disk:
    """A disk of a radius whose edge is smoothed by a small Gaussian, both in pixels."""
    side = np.arange(-max(SMALLEST, radius), max(SMALLEST, radius) + 1)
    hard = (side[None, :] ** 2 + side[:, None] ** 2 <= radius**2).astype(np.float64)
    soft = _softened(hard / hard.sum(), 1 if radius <= SMALLEST else 2, smooth)
    steps = np.round(soft, 9)
    away = np.abs(np.argwhere(steps) - len(side) // 2)
    reach = int(away.max(initial=0))
    cut = slice(len(side) // 2 - reach, len(side) // 2 + reach + 1)
    return _grouped(soft[cut, cut], steps[cut, cut], reach)


def _softened(field: NDArray[np.float64], reach: int, sigma: float) -> NDArray[np.float64]:
    """Gaussian blur of a small window; the field is mirrored outside, its border not repeated."""
    weights = np.exp(-(np.arange(-reach, reach + 1) ** 2) / (2 * sigma**2))
    window = np.outer(weights, weights) / weights.sum() ** 2
    padded, (height, width) = np.pad(field, reach, mode="reflect"), field.shape
    soft = np.zeros_like(field)
    for (y, x), weight in np.ndenumerate(window):
        soft += weight * padded[y : y + height, x : x + width]
    return soft


def _grouped(soft: NDArray[np.float64], steps: NDArray[np.float64], reach: int) -> Disk:
    places, starts, weights = [], [0], []
    for step in np.unique(steps[steps != 0]):
        here = np.argwhere(steps == step)
        for first in range(0, len(here), MOST):
            places.append(here[first : first + MOST])
            starts.append(starts[-1] + len(places[-1]))
            weights.append(soft[tuple(here[0])])
    every = np.concatenate(places).astype(np.uint64)
    rows, columns = np.ascontiguousarray(every.T)
    return Disk(reach, rows, columns, np.array(starts, np.uint64), np.array(weights, np.float32))


_ONE, _TWO, _THREE, _FOUR = np.uint64(1), np.uint64(2), np.uint64(3), np.uint64(4)


@kernel
def _spread(padded, channels, rows, columns, starts, weights, guard, full, some, out):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    height, width = out.shape
    wide, step = np.uint64(width), np.uint64(channels)
    total = np.empty(width, np.float32)
    for y in range(height):
        total[:] = guard
        for group in range(weights.size):
            some[:] = 0
            t, end = starts[group], starts[group + 1]
            while t + _THREE < end:  # four pixels at a time spare the traffic of the sums
                p, q = columns[t] * step, columns[t + _ONE] * step
                r, s = columns[t + _TWO] * step, columns[t + _THREE] * step
                a = padded[np.uint64(y) + rows[t], p : p + wide]
                b = padded[np.uint64(y) + rows[t + _ONE], q : q + wide]
                c = padded[np.uint64(y) + rows[t + _TWO], r : r + wide]
                d = padded[np.uint64(y) + rows[t + _THREE], s : s + wide]
                for i in range(width):
                    some[i] += np.uint32(a[i]) + np.uint32(b[i]) + np.uint32(c[i]) + np.uint32(d[i])
                t += _FOUR
            while t < end:
                p = columns[t] * step
                a = padded[np.uint64(y) + rows[t], p : p + wide]
                for i in range(width):
                    some[i] += np.uint32(a[i])
                t += _ONE
            k = weights[group]
            for i in range(width):
                total[i] += k * np.float32(some[i])
        to = out[y]
        for i in range(width):
            to[i] = min(total[i], full)


def spread(image: NDArray[np.uint8], lens: Disk, guard: float, full: int) -> NDArray[np.uint8]:
    """Spread every point over a disk; the picture is mirrored outside, its border not repeated.

    Args:
        image: ``(h, w, c)`` uint8 or uint16.
        lens: What `disk` gave.
        guard: Added before truncation, for float32 sums that fall short.
        full: Largest value.
    """
    height, width, channels = image.shape
    pad = lens.reach
    padded = cv2.copyMakeBorder(image, pad, pad, pad, pad, cv2.BORDER_REFLECT_101)
    some = np.empty(width * channels, np.uint16 if image.dtype == np.uint8 else np.uint32)
    out = np.empty_like(image)
    _spread(
        *(padded.reshape(height + 2 * pad, -1), channels, *lens[1:]),
        *(np.float32(guard), np.float32(full), some),
        out.reshape(height, -1),
    )
    return out
