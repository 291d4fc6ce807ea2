"""Thumbnails: a picture made small, each pixel the mean of the area that it stands for."""

import math
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from mmaudit.arrays import Grey, Ints
from mmaudit.kernels import kernel

LEAST = 1e-3  # of a pixel, below which a cell does not reach into it
Taps = tuple[Ints, Ints, NDArray[np.float32]]


def thumbnail(grey: Grey, side: int) -> NDArray[np.float32]:
    """Grey levels ``(side, side)`` of ``(h, w)``, whole ones of 8 bits.

    The sums of OpenCV's ``INTER_AREA``, in its order and so to the bit, along whole rows instead of
    pixel by pixel. Where it has other ways, it is asked: at whole ratios, and to enlarge.
    """
    height, width = grey.shape
    if min(height, width) < side or height % side == width % side == 0:
        small = cv2.resize(grey, (side, side), interpolation=cv2.INTER_AREA)
        return np.asarray(small, np.float32)
    narrow = _sums(cv2.transpose(grey), *_taps(width, side), side)
    sums = _sums(cv2.transpose(narrow), *_taps(height, side), side)
    return np.rint(sums, out=sums) if grey.dtype == np.uint8 else sums


@lru_cache(maxsize=64)
def _taps(size: int, side: int) -> Taps:
    """Cells, pixels of each, and their weights: three columns ``(tap,)``, the cells in order."""
    taps = [(cell, *tap) for cell in range(side) for tap in _cell(cell, size, size / side)]
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
def _sums(lines: Grey, cells: Ints, pixels: Ints, weights: Grey, side: int) -> Grey:
    """Weighted sums of lines ``(size, m)``, one a cell, ``(side, m)``."""
    sums = np.zeros((side, lines.shape[1]), np.float32)
    for k in range(len(cells)):
        total, line, weight = sums[cells[k]], lines[pixels[k]], weights[k]
        for x in range(len(line)):
            total[x] += weight * line[x]
    return sums
