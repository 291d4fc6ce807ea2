"""Which units of a text are hit: exact in expectation at every length, and nested over severities.

Every unit has a permanent random number, and so has the text. Of ``n`` units the share ``p`` is
hit by taking the ``floor(p * n + u)`` units with the smallest numbers, where ``u`` is the text's
number in (0, 1): the expected count is ``p * n`` exactly, and what a milder severity hits a worse
one hits too. Rounding up instead makes severities of short texts collapse into one.
"""

import numpy as np
from numba import njit, uint32, uint64
from numpy.typing import NDArray

from mmaudit.corruptions._text.flat import ALONE, SPACE
from mmaudit.seeds import block

# what each stream of a text's random words decides
ROUND_WORDS, PICK_WORDS, ROUND_INSIDE, PICK_INSIDE, CHOICE, OTHER = 0, 1, 2, 3, 4, 5
_SHIFT, _LOW = np.uint64(32), np.uint64(0xFFFFFFFF)
_SPACE, _ALONE = np.uint8(SPACE), np.uint8(ALONE)


@njit(inline="always")
def word(k0, k1, stream, index):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    """The random word at an index of a stream, as uint64."""
    four = block(uint32(index >> 2), uint32(0), uint32(0), uint32(stream), k0, k1)
    return uint64(four[index & 3])


@njit(inline="always")
def below(random, n):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    """An integer in [0, n) from a random word."""
    return np.int64((random * uint64(n)) >> _SHIFT)


@njit(inline="always")
def count(n, share, random):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    """How many of ``n`` units are hit: ``share * n`` on average, exactly."""
    return min(n, np.int64(np.floor(share * n + (np.float64(random) + 0.5) * 2.0**-32)))


@njit(inline="always")
def rank(random, index):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    """A unit's permanent random number with its index in the low half, so that none are equal."""
    return (random << _SHIFT) | uint64(index)


@njit(cache=True, nogil=True)
def mark_smallest(ranks: NDArray[np.uint64], n: int, hits: int, mark: NDArray[np.uint8]) -> None:
    """Set ``mark`` at the indices of the ``hits`` smallest of ``n`` ranks."""
    if 0 < hits < n:
        ranks[:n].sort()
    for j in range(hits):
        mark[np.int64(ranks[j] & _LOW)] = 1


@njit(cache=True, nogil=True)
def segment(
    starts: NDArray[np.uint8],
    kinds: NDArray[np.uint8],
    begin: int,
    end: int,
    places: NDArray[np.int64],
    first: NDArray[np.int64],
    last: NDArray[np.int64],
) -> tuple[int, int]:
    """Find the graphemes and the words of one text.

    Args:
        starts: Where graphemes begin, as in `Flat`.
        kinds: Kinds of code points, as in `Flat`.
        begin: Where the text begins in the buffer.
        end: Where it ends.
        places: Filled with where each grapheme begins, and with ``end`` after the last.
        first: Filled with the first grapheme of each word.
        last: Filled with the grapheme after the last one of each word.

    Returns:
        Number of graphemes and number of words.
    """
    n = words = 0
    inside = False
    for i in range(begin, end):
        if starts[i]:
            alone = kinds[i] & _ALONE != 0
            if kinds[i] & _SPACE != 0:
                inside = False
            elif inside and not alone:
                last[words - 1] = n + 1
            else:
                first[words], last[words] = n, n + 1
                words += 1
                inside = not alone
            places[n] = i
            n += 1
    places[n] = end
    return n, words
