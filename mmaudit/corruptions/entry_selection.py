"""Entry selection: which entries of a sample are hit, in exact expected shares that nest.

Every entry has a permanent random number, and the ``k`` smallest are hit. ``k`` is the share times
the number of entries, rounded up or down at random, so the expected share is exact even for a
sample of three entries. The numbers do not depend on the share: what a mild severity hits, a worse
one hits too.
"""

import math

import numpy as np
from numpy.typing import NDArray

from mmaudit.arrays import Bools
from mmaudit.kernels import kernel
from mmaudit.seeds import Words

BINS_LOG2 = 11


def hit(share: float, n: int, words: Words, stream: int = 0) -> Bools:
    """Choose a share of ``n`` entries, ``(n,)``.

    Args:
        share: Expected share of entries, in [0, 1].
        n: How many entries there are.
        words: The sample's random words; two streams are used, ``stream`` and ``stream + 1``.
        stream: First of the two streams.
    """
    count = rounded(share, n, float(words.uniforms(1, stream + 1)[0]))
    return smallest(words.u32(n, stream), count)


def zeroed(clean: NDArray[np.floating], lost: Bools) -> NDArray[np.floating]:
    """A copy in which some entries are zero, whatever they were.

    The bits are masked, which is five times as fast as `numpy.where` on a random choice.
    """
    whole = np.dtype(f"u{clean.itemsize}")
    keep = lost.astype(whole) - whole.type(1)  # all bits where kept, none where lost
    bits = np.ascontiguousarray(clean).view(whole) & keep
    return bits.view(clean.dtype)


def span(share: float, n: int, words: Words, stream: int = 0) -> slice:
    """Choose one run of neighbouring entries at a random place.

    Args:
        share: Expected share of entries, in [0, 1].
        n: How many entries there are.
        words: The sample's random words.
        stream: The stream that is used.
    """
    place, fraction = words.uniforms(2, stream)
    count = rounded(share, n, float(fraction))
    return placed(count, n, float(place))


def placed(count: int, n: int, uniform: float) -> slice:
    """A run of ``count`` of ``n`` entries, every place alike likely.

    The run of a larger count contains that of a smaller one: its start ``⌊u (n - k + 1)⌋`` does
    not rise with its length ``k``, and its end does not fall.
    """
    start = int(uniform * (n - count + 1))
    return slice(start, start + count)


def rounded(share: float, n: int, uniform: float) -> int:
    """Round ``share * n`` up or down so that the expected value is exact.

    Args:
        share: In [0, 1].
        n: How many entries there are.
        uniform: A random number in (0, 1); for a larger share the same number never gives less.
    """
    return min(n, math.floor(share * n + uniform))


def smallest(numbers: NDArray[np.uint32 | np.uint64], k: int) -> Bools:
    """Mark the ``k`` smallest of some random numbers; of equal ones the first come first, ``(n,)``.

    Args:
        numbers: Words over the whole range of their unsigned type, ``(n,)``.
        k: How many, at most ``n``.
    """
    out = np.zeros(numbers.size, np.bool_)
    if k >= numbers.size:
        out[:] = True
    elif k > 0:
        _mark(numbers, numbers.dtype.type(8 * numbers.itemsize - BINS_LOG2), k, out)
    return out


@kernel
def _mark(
    numbers: NDArray[np.uint32 | np.uint64], shift: np.unsignedinteger, k: int, out: Bools
) -> None:
    """Count the numbers in bins of equal width: only the bin at the border needs a closer look."""
    counts = np.zeros(1 << BINS_LOG2, np.int64)
    for i in range(numbers.size):
        counts[numbers[i] >> shift] += 1
    border, below = 0, 0
    while below + counts[border] < k:
        below += counts[border]
        border += 1
    edge = np.empty(counts[border], np.int64)
    filled = 0
    for i in range(numbers.size):
        place = np.int64(numbers[i] >> shift)
        out[i] = place < border
        if place == border:
            edge[filled] = i
            filled += 1
    order = np.argsort(numbers[edge], kind="mergesort")
    for j in range(k - below):
        out[edge[order[j]]] = True
