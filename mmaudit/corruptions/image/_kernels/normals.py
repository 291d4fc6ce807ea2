"""Normals: one standard normal number from each random word, and noise made of them.

The word's top bit is the sign, and the other 31 bits are the tail probability. The quantile is
linear in 128 cells an octave of the probability, which is within 8e-6 of the normal quantile. A
larger word gives a larger number, so one word a value couples the severities of a sample.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from mmaudit.kernels import kernel

CELLS = 128  # a power of two: a cell is the exponent and the top 7 bits of a float32's fraction
SHIFT = 16  # bits of a float32 below those
FIRST, LAST = 126 * CELLS, 158 * CELLS  # cells of 0.5 and of 2**31
BLOCK = 512


def _quantile() -> NDArray[np.float32]:
    edges = (np.arange(FIRST, LAST + 2, dtype=np.int64) << SHIFT).astype(np.uint32)
    words = edges.view(np.float32).astype(np.float64)
    values = ndtri(words * 2.0**-32)
    slope = np.diff(values) / np.diff(words)
    return np.stack([values[:-1] - slope * words[:-1], slope], 1).astype(np.float32)


LINES = _quantile()  # offset and slope of each cell
_TOP, _REST = np.uint32(31), np.uint32(0x7FFFFFFF)
_SHIFT, _FIRST = np.uint32(SHIFT), np.uint32(FIRST)
_HALF, _ZERO = np.float32(0.5), np.float32(0)


@kernel
def fill(words: NDArray[np.uint32], lines: NDArray[np.float32], out: NDArray[np.float32]) -> None:
    """Standard normal numbers from as many words."""
    tail = np.empty(BLOCK, np.float32)
    cells = tail.view(np.uint32)
    for start in range(0, out.size, BLOCK):
        n = min(BLOCK, out.size - start)
        word, to = words[start : start + n], out[start : start + n]
        for i in range(n):
            tail[i] = np.float32(np.int32(word[i] & _REST)) + _HALF
        for i in range(n):
            cell = np.uint64((cells[i] >> _SHIFT) - _FIRST)
            z = lines[cell, 0] + lines[cell, 1] * tail[i]
            to[i] = -z if word[i] >> _TOP else z


@kernel
def _add(
    clean: NDArray[np.uint8],
    words: NDArray[np.uint32],
    lines: NDArray[np.float32],
    constant: np.float32,
    share: np.float32,
    full: np.float32,
    out: NDArray[np.uint8],
) -> None:
    z = np.empty(BLOCK, np.float32)
    for start in range(0, out.size, BLOCK):
        n = min(BLOCK, out.size - start)
        x, to = clean[start : start + n], out[start : start + n]
        fill(words[start : start + n], lines, z[:n])
        for i in range(n):
            value = np.float32(x[i])
            to[i] = min(max(value + (constant + share * value) * z[i], _ZERO), full)


def normals(words: NDArray[np.uint32]) -> NDArray[np.float32]:
    """Standard normal numbers, one of each word, in the shape of the words."""
    out = np.empty(words.shape, np.float32)
    fill(words.ravel(), LINES, out.ravel())
    return out


def add_normal(
    clean: NDArray[np.uint8],
    words: NDArray[np.uint32],
    *,
    constant: float = 0.0,
    share: float = 0.0,
    full: int,
) -> NDArray[np.uint8]:
    """Each value ``x`` becomes ``x + (constant + share x) z``, clipped and rounded down.

    Args:
        clean: Contiguous values in [0, full], uint8 or uint16.
        words: As many random words.
        constant: Standard deviation that every value has, in units of the values.
        share: Standard deviation as a share of the value.
        full: Largest value.
    """
    out = np.empty_like(clean)
    scale = np.float32(constant), np.float32(share), np.float32(full)
    _add(clean.ravel(), words, LINES, *scale, out.ravel())
    return out
