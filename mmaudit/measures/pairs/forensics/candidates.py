"""Candidates: at which offsets partners may stand, and how alike rows are there."""

import numpy as np
from numpy.typing import NDArray
from scipy import fft

from mmaudit.arrays import Floats, Ints, Vectors
from mmaudit.measures.pairs.similarity import cosine, null, standardised
from mmaudit.seeds import words

DENSE = 16  # offsets near zero that are always looked at
PEAKS = 24  # others, at most
OF_WHOLE, OF_BLOCK = 8, 2  # peaks of one profile
BLOCKS = (256, 64)  # rows of a block whose profile is taken over the whole right side
MOST_BLOCKS, LEAST_BLOCKS, WORK = 80, 8, 200_000  # of one size; larger files have larger blocks
MOST_ROWS = 100_000  # beyond these only the whole file's profile is taken
SKETCH = 32  # dimensions that profiles are taken in
SHORTEST = 12  # rows that an offset leaves to compare
STRANGERS = 4000


def candidates(left: Vectors, right: Vectors) -> Ints:
    """Offsets near zero, and those at which the whole file or a block of it finds its like.

    Args:
        left: Rows of length one, ``(n, d)``.
        right: Likewise, in the same space.

    Returns:
        Offsets, rising, zero among them.
    """
    n = len(left)
    a, b = (np.ascontiguousarray(_sketched(side).T) for side in (left, right))
    size = int(fft.next_fast_len(2 * n, real=True))
    spectrum = fft.rfft(b, size)
    peaks = _peaks(a, spectrum, size, (0, n), OF_WHOLE)
    if n <= MOST_ROWS:
        many = min(MOST_BLOCKS, max(LEAST_BLOCKS, WORK // n))
        for step in sorted({max(rows, -(-n // many)) for rows in BLOCKS}):
            for first in range(0, n, step):
                peaks += _peaks(a, spectrum, size, (first, min(n, first + step)), OF_BLOCK)
    offsets = set(range(-min(DENSE, n - 1), min(DENSE, n - 1) + 1))
    most = len(offsets) + PEAKS
    for _, offset in sorted(peaks, reverse=True):
        if len(offsets) < most:
            offsets.add(offset)
    return np.array(sorted(offsets))


def _sketched(rows: Vectors) -> Vectors:
    """Rows without their mean, in few dimensions, ``(n, k)``."""
    d = rows.shape[1]
    centre = np.asarray(rows.mean(0, dtype=np.float64), np.float32)
    if d <= SKETCH:
        return np.asarray(rows - centre, np.float32)
    axes = words(0, "noisy_pairs/sketch").normals(d * SKETCH).reshape(d, SKETCH)
    return np.asarray((rows - centre) @ (axes / np.sqrt(SKETCH)).astype(np.float32), np.float32)


def _peaks(
    columns: Vectors,
    spectrum: NDArray[np.complex64],
    size: int,
    ends: tuple[int, int],
    most: int,
) -> list[tuple[float, int]]:
    """Height in robust spreads, and offset, of what stands out of the profile of some rows."""
    n, (first, last) = columns.shape[1], ends
    here = np.zeros_like(columns)
    here[:, first:last] = columns[:, first:last]
    profile = fft.irfft(np.einsum("kf,kf->f", fft.rfft(here, size).conj(), spectrum), size)
    offsets = np.arange(-last + 1, n - first)
    compared = np.minimum(n, last + offsets) - np.maximum(0, first + offsets)
    enough = compared >= min(SHORTEST, last - first)
    offsets, compared = offsets[enough], compared[enough]
    heights = profile[offsets] / np.sqrt(compared)
    heights /= 1.4826 * np.median(np.abs(heights)) + 1e-12
    least = np.sqrt(2.0 * np.log(len(offsets))) + 0.5
    top = np.argsort(-heights)[:most]
    return [(float(heights[k]), int(offsets[k])) for k in top if heights[k] > least]


def similarities(left: Vectors, right: Vectors, offsets: Ints) -> tuple[Vectors, Floats]:
    """Standardised similarity of rows at each offset, and of strangers.

    Args:
        left: Rows of length one, ``(n, d)``.
        right: Likewise, in the same space.
        offsets: The offsets, ``(offset,)``.

    Returns:
        ``(offset, n)``, NaN past the ends; and of rows far apart in the file, ``(m,)``.
    """
    n, moments = len(left), null(left, right)
    out = np.full((len(offsets), n), np.nan, np.float32)
    rows = np.arange(n)
    for k, offset in enumerate(offsets.tolist()):
        i = rows[max(0, -offset) : n - max(0, offset)]
        cosines = cosine(left, right, i, i + offset)
        out[k, i] = standardised(cosines, moments, i, i + offset)
    draw = words(0, "noisy_pairs/strangers").uniforms(2 * STRANGERS).reshape(2, -1)
    i = (draw[0] * n).astype(np.int64)
    j = (i + n // 4 + (draw[1] * (n // 2)).astype(np.int64)) % n
    strange = standardised(cosine(left, right, i, j), moments, i, j)
    return out, strange.astype(np.float64)
