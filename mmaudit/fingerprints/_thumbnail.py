"""Thumbnails: a picture made small, each pixel the mean of the area that it stands for."""

import math
from functools import lru_cache

import cv2
import numpy as np

from mmaudit.arrays import Grey, Ints, Singles
from mmaudit.kernels import kernel

LEAST = 1e-3  # of a pixel, below which a cell does not reach into it
Taps = tuple[Ints, Ints, Singles]


def thumbnail(grey: Grey, side: int) -> Singles:
    """Grey levels ``(side, side)`` of ``(h, w)``, whole ones of 8 bits.

    The sums of OpenCV's ``INTER_AREA``, in its order and so to the bit, along whole rows instead of
    pixel by pixel. Where it has other ways, it is asked: at whole ratios, and to enlarge.
    """
    return thumbnails(grey, (side,))[0]


def thumbnails(grey: Grey, sides: tuple[int, ...]) -> list[Singles]:
    """The same of several sides, in their order; what they have in common is done once."""
    ours = _uneven(grey.shape, sides)
    small = dict(zip(ours, _summed(grey, ours), strict=True)) if ours else {}
    return [small[side] if side in small else _resized(grey, side) for side in sides]


@lru_cache(maxsize=64)
def _uneven(shape: tuple[int, int], sides: tuple[int, ...]) -> tuple[int, ...]:
    """Sides to which a picture is made smaller, and not by whole ratios."""
    height, width = shape
    return tuple(
        side for side in sides if min(height, width) >= side and (height % side or width % side)
    )


def _resized(grey: Grey, side: int) -> Singles:
    small = cv2.resize(grey, (side, side), interpolation=cv2.INTER_AREA)
    return np.asarray(small, np.float32)


def _summed(grey: Grey, sides: tuple[int, ...]) -> list[Singles]:
    """Sums along the rows, of all sides together, and then down the columns of each."""
    height, width = grey.shape
    narrow, start, small = _sums(cv2.transpose(grey), *_taps(width, sides)), 0, []
    for side in sides:
        sums = _sums(cv2.transpose(narrow[start : start + side]), *_taps(height, (side,)))
        small.append(np.rint(sums, out=sums) if grey.dtype == np.uint8 else sums)
        start += side
    return small


@lru_cache(maxsize=64)
def _taps(size: int, sides: tuple[int, ...]) -> Taps:
    """Cells of all sides, pixels of each, and their weights: three columns ``(tap,)``, in order."""
    every = [_cell(cell, size, size / side) for side in sides for cell in range(side)]
    taps = [(cell, *tap) for cell, some in enumerate(every) for tap in some]
    cells, pixels, weights = zip(*taps, strict=True)
    return np.array(cells), np.array(pixels), np.array(weights, np.float32)


def _cell(cell: int, size: int, scale: float) -> list[tuple[int, float]]:
    """Pixels that a cell reaches into, in order, and the share of it that each is."""
    start, stop = cell * scale, cell * scale + scale
    wide = min(scale, size - start)
    last = min(math.floor(stop), size - 1)
    first = min(math.ceil(start), last)
    before = [(first - 1, (first - start) / wide)] if first - start > LEAST else []
    after = [(last, min(stop - last, 1.0, wide) / wide)] if stop - last > LEAST else []
    return before + [(pixel, 1 / wide) for pixel in range(first, last)] + after


@kernel
def _sums(lines: Grey, cells: Ints, pixels: Ints, weights: Singles) -> Singles:
    """Weighted sums of lines ``(size, m)``, one a cell, ``(cell, m)``; taps are in their order."""
    sums = np.zeros((cells[-1] + 1, lines.shape[1]), np.float32)
    for k in range(len(cells)):
        total, line, weight = sums[cells[k]], lines[pixels[k]], weights[k]
        for x in range(len(line)):
            total[x] += weight * line[x]
    return sums
