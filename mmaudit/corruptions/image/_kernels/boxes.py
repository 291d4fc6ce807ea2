"""Boxes: a picture made smaller by the mean of boxes, value for value as Pillow does it."""

from collections.abc import Callable
from functools import lru_cache, partial
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from mmaudit.arrays import Pixels
from mmaudit.corruptions.base import Corruption
from mmaudit.corruptions.image._kernels.channels import on_colour
from mmaudit.doses.image import SSIM
from mmaudit.kernels import kernel
from mmaudit.seeds import Words

BITS = 22  # of Pillow's fixed-point weights
_BITS, _ROUND = np.uint64(BITS), np.uint64(1 << (BITS - 1))

Boxes = tuple[NDArray[np.uint64], NDArray[np.uint64], NDArray[np.uint64]]
Enlarge = Callable[[Pixels, int, int], Pixels]


class Scale(NamedTuple):
    """How small it was."""

    scale: float


@lru_cache(maxsize=128)
def boxes(size: int, smaller: int) -> Boxes:
    """First pixel, pixel after the last, and weight of each box along one side."""
    scale = size / smaller
    centres = (np.arange(smaller) + 0.5) * scale
    first = np.maximum(np.floor(centres - scale / 2 + 0.5), 0).astype(np.int64)
    after = np.minimum(np.floor(centres + scale / 2 + 0.5), size).astype(np.int64)
    # a pixel counts where its centre lies in (-1/2, 1/2] of the box
    first += (first + 0.5 - centres) / scale <= -0.5
    after -= (after - 0.5 - centres) / scale > 0.5
    weights = np.round(2.0**BITS / (after - first))
    return first.astype(np.uint64), after.astype(np.uint64), weights.astype(np.uint64)


@kernel
def _across(row, channels, first, after, weights, to):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    for i in range(first.size):
        for c in range(channels):
            total = np.uint64(0)
            for j in range(first[i], after[i]):
                total += np.uint64(row[np.uint64(j) * np.uint64(channels) + np.uint64(c)])
            to[i * channels + c] = (total * weights[i] + _ROUND) >> _BITS


@kernel
def _across_colour(row, first, after, weights, to):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    for i in range(first.size):
        r, g, b = np.uint64(0), np.uint64(0), np.uint64(0)
        for j in range(first[i], after[i]):
            k = np.uint64(j) * np.uint64(3)
            r += np.uint64(row[k])
            g += np.uint64(row[k + np.uint64(1)])
            b += np.uint64(row[k + np.uint64(2)])
        k, weight = np.uint64(i) * np.uint64(3), weights[i]
        to[k] = (r * weight + _ROUND) >> _BITS
        to[k + np.uint64(1)] = (g * weight + _ROUND) >> _BITS
        to[k + np.uint64(2)] = (b * weight + _ROUND) >> _BITS


@kernel
def _shrink(image, channels, columns, rows, middle, total, out):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    for y in range(image.shape[0]):
        if channels == 3:
            _across_colour(image[y], *columns, middle[y])
        else:
            _across(image[y], channels, *columns, middle[y])
    first, after, weights = rows
    for y in range(first.size):
        total[:] = 0
        for j in range(first[y], after[y]):
            line = middle[j]
            for i in range(total.size):
                total[i] += line[i]
        weight, to = weights[y], out[y]
        for i in range(total.size):
            to[i] = (np.uint64(total[i]) * weight + _ROUND) >> _BITS


def shrink(image: NDArray[np.uint8], height: int, width: int) -> NDArray[np.uint8]:
    """The mean of each box, rounded after the rows and again after the columns.

    Args:
        image: ``(h, w, c)`` uint8 or uint16.
        height: New height, from 1 to h.
        width: New width, from 1 to w.
    """
    tall, wide, channels = image.shape
    middle = np.empty((tall, width * channels), image.dtype)
    out = np.empty((height, width, channels), image.dtype)
    total = np.empty(width * channels, np.uint32)
    _shrink(
        *(image.reshape(tall, -1), channels, boxes(wide, width), boxes(tall, height)),
        *(middle, total, out.reshape(height, -1)),
    )
    return out


def smaller(image: NDArray[np.uint8], scale: float) -> NDArray[np.uint8]:
    """Make a picture smaller by a factor, and at least one pixel."""
    height, width = (max(1, int(side * scale)) for side in image.shape[:2])
    return shrink(image, height, width)


def blocks(image: NDArray[np.uint8], height: int, width: int) -> NDArray[np.uint8]:
    """Enlarge by repeating pixels, ``(height, width, c)``: each is the one below its centre.

    By ourselves: before its version 5 OpenCV rounds the centre, and takes a neighbour of one in 25.
    """
    small = image.reshape(*image.shape[:2], -1)
    large = np.empty((height, width, small.shape[2]), image.dtype)
    _repeat(
        small,
        *(_nearest(*sides) for sides in zip(image.shape, (height, width), strict=False)),
        large,
    )
    return large


def _nearest(size: int, larger: int) -> NDArray[np.int64]:
    """Which of ``size`` pixels is below the centre of each of ``larger``, summed as by Pillow."""
    steps = np.full(larger, size / larger)
    steps[0] /= 2
    return np.minimum(np.cumsum(steps), size - 1).astype(np.int64)


@kernel
def _repeat(image, rows, columns, to):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    for y in range(rows.size):
        same = y > 0 and rows[y] == rows[y - 1]
        for x in range(columns.size):
            for c in range(image.shape[2]):
                to[y, x, c] = to[y - 1, x, c] if same else image[rows[y], columns[x], c]


def smooth(image: NDArray[np.uint8], height: int, width: int) -> NDArray[np.uint8]:
    """Enlarge by linear interpolation in whole numbers, ``(height, width, c)``."""
    large = cv2.resize(image, (width, height), interpolation=cv2.INTER_LINEAR_EXACT)
    return np.asarray(large).reshape(height, width, -1)


def small_and_back(
    enlarge: Enlarge, scales: tuple[float, ...], source: str
) -> Corruption[Pixels, Scale]:
    """The corruption that makes a picture small and large again.

    Args:
        enlarge: `blocks` or `smooth`.
        scales: Share of each side that each severity leaves.
        source: Paper and constants.
    """
    return Corruption(
        apply=partial(_there_and_back, enlarge),
        severities=tuple(map(Scale, scales)),
        units={"scale": "share of each side"},
        keeps=frozenset({"shape", "dtype", "range"}),
        dose=SSIM,
        source=source,
    )


def _there_and_back(enlarge: Enlarge, clean: Pixels, severity: Scale, _: Words) -> Pixels:
    size = clean.shape[:2]
    return on_colour(clean, lambda image: enlarge(smaller(image, severity.scale), *size))
