"""Zooms: pictures and fields enlarged about their centre by linear interpolation."""

import math
from functools import lru_cache
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from mmaudit.kernels import kernel


class Axis(NamedTuple):
    """Where each enlarged pixel comes from along one side.

    Attributes:
        start: First of the source pixels that the crop holds.
        size: How many the crop holds.
        low: Source pixel before each place, counted within the crop.
        high: The one after it, at most the last.
        weight: Share of the one after.
    """

    start: int
    size: int
    low: NDArray[np.int64]
    high: NDArray[np.int64]
    weight: NDArray[np.float32]


@lru_cache(maxsize=512)
def axis(size: int, zoom: float) -> Axis:
    """The central ``1 / zoom`` of a side enlarged to at least its whole, end on end.

    A zoom below 1, as of a small picture whose parameters follow its size, is none.
    """
    zoom = max(1.0, zoom)
    crop = math.ceil(size / zoom)
    enlarged = max(1, round(crop * zoom))
    places = np.arange(enlarged) * ((crop - 1) / max(1, enlarged - 1))
    low = np.clip(places.astype(np.int64), 0, max(0, crop - 2))
    weight = (places - low).astype(np.float32)
    return Axis((size - crop) // 2, crop, low, np.minimum(low + 1, crop - 1), weight)


@lru_cache(maxsize=64)
def _axes(size: int, zooms: tuple[float, ...]) -> tuple[NDArray[np.int64], ...]:
    many = [axis(size, zoom) for zoom in zooms]
    low = np.array([a.start + a.low[:size] for a in many])
    high = np.array([a.start + a.high[:size] for a in many])
    return low, high, np.array([a.weight[:size] for a in many])


@kernel
def _mean(image, wholes, top, bottom, down, sources, shares, guard, full, out):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    height, width = out.shape[:2]
    line, total = np.empty(4 * (width + 1), np.float32), np.empty(4 * width, np.float32)
    line[4 * width :] = 0  # after the last pixel, and always with weight 0
    share, times = np.float32(1) / np.float32(top.shape[0] + wholes), np.float32(wholes)
    one, four = np.float32(1), np.uint64(4)
    for y in range(height):
        own = image[y]
        for i in range(4 * width):
            total[i] = times * np.float32(own[i])
        for z in range(top.shape[0]):
            a, b, v = image[top[z, y]], image[bottom[z, y]], down[z, y]
            for i in range(4 * width):
                line[i] = np.float32(a[i]) + v * (np.float32(b[i]) - np.float32(a[i]))
            columns, weights = sources[z], shares[z]
            for x in range(width):
                j, k = columns[x] * four, np.uint64(x) * four
                v, u = weights[x], one - weights[x]
                for c in range(4):
                    p = j + np.uint64(c)
                    total[k + np.uint64(c)] += u * line[p] + v * line[p + four]
        for x in range(width):
            for c in range(out.shape[2]):
                out[y, x, c] = min(total[4 * x + c] * share + guard, full)


def mean(
    image: NDArray[np.uint8], zooms: tuple[float, ...], guard: float, full: int
) -> NDArray[np.uint8]:
    """Mean of a picture and of its enlargements.

    Args:
        image: ``(h, w, 1)`` or ``(h, w, 3)``, uint8 or uint16.
        zooms: Factors, at least 1.
        guard: Added before truncation, for float32 sums that fall short.
        full: Largest value.
    """
    height, width, channels = image.shape
    code = cv2.COLOR_GRAY2RGBA if channels == 1 else cv2.COLOR_RGB2RGBA
    four = np.asarray(cv2.cvtColor(image, code))  # four channels fill a vector register evenly
    larger = tuple(zoom for zoom in zooms if zoom > 1)
    wholes = 1 + len(zooms) - len(larger)  # a zoom of 1 is the picture itself
    top, bottom, down = _axes(height, larger)
    sources, _, shares = _axes(width, larger)
    scale = np.float32(guard), np.float32(full)
    out = np.empty_like(image)
    _mean(
        four.reshape(height, -1),
        wholes,
        top,
        bottom,
        down,
        sources.astype(np.uint64),
        shares,
        *scale,
        out,
    )
    return out


@kernel
def _enlarge(field, top, bottom, down, before, after, weight, out):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    line = np.empty(field.shape[1], np.float32)
    for y in range(out.shape[0]):
        a, b, v, to = field[top[y]], field[bottom[y]], down[y], out[y]
        for i in range(line.size):
            line[i] = a[i] + v * (b[i] - a[i])
        for x in range(to.size):
            to[x] = line[before[x]] + weight[x] * (line[after[x]] - line[before[x]])


def enlarge(field: NDArray[np.float32], rows: Axis, columns: Axis) -> NDArray[np.float32]:
    """Enlarge the crop of a field, ``(rows.size, columns.size)``."""
    out = np.empty((rows.low.size, columns.low.size), np.float32)
    _enlarge(field, *rows[2:], *columns[2:], out)
    return out
