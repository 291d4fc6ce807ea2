"""Counts: numbers of photons, drawn from Poisson distributions by inversion of random words."""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.special import pdtr

from mmaudit.kernels import kernel

LEVELS = 256  # rates that have a table: those of 8-bit values
GUIDES = 256  # cells of the word's top 8 bits, each of which knows where to start counting
_SHIFT = np.uint32(24)

Tables = tuple[NDArray[np.uint32], NDArray[np.uint8]]


@lru_cache(maxsize=16)
def tables(photons: int) -> Tables:
    """Thresholds of words for each count below saturation, and the first count of each cell.

    Args:
        photons: Expected count of white, at most 255.

    Returns:
        ``(level + 1, count + 1)`` uint32: a word below it has at most that count, and a row and a
        column more, so that one step too far is inside; and ``(level, cell)``.
    """
    rates = np.arange(LEVELS)[:, None] / (LEVELS - 1) * photons
    below = pdtr(np.arange(photons)[None, :], rates) * 2.0**32
    limits = np.minimum(np.round(below), 2**32 - 1).astype(np.uint32)
    firsts = np.arange(GUIDES, dtype=np.uint64) << np.uint64(24)
    starts = [np.searchsorted(row, firsts, side="right") for row in limits.astype(np.uint64)]
    wider = np.pad(limits, ((0, 1), (0, 1)), constant_values=2**32 - 1)
    return wider, np.array(starts, np.uint8)


@kernel
def _expose(clean, words, limits, starts, columns, shift, values, out):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    one = np.uint64(1)
    for i in range(clean.size):
        word, level = words[i], np.uint64(clean[i]) >> shift
        first = level * columns
        at = first + np.uint64(starts[level * np.uint64(GUIDES) + np.uint64(word >> _SHIFT)])
        at += np.uint64(word >= limits[at])  # without a branch, which nobody could predict
        while word >= limits[at] and at < first + columns - one:  # rarely two in one cell
            at += one
        out[i] = values[at - first]


def expose(
    clean: NDArray[np.uint8], words: NDArray[np.uint32], photons: int, full: int
) -> NDArray[np.uint8]:
    """Each value becomes the count of photons it would let through, over the count of white.

    Args:
        clean: Contiguous values in [0, full], uint8, or uint16 whose rate is that of its top byte.
        words: As many random words.
        photons: Expected count of white; more than that is white.
        full: Largest value.
    """
    out = np.empty_like(clean)
    counts = np.minimum(np.arange(photons + 2), photons)  # the highest word steps beyond white
    values = np.floor(counts / photons * full).astype(clean.dtype)
    shift = np.uint64(0 if full < LEVELS else 8)
    limits, starts = (table.ravel() for table in tables(photons))
    columns = np.uint64(photons + 1)
    _expose(clean.ravel(), words, limits, starts, columns, shift, values, out.ravel())
    return out
