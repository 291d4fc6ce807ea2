"""Which units of a text are hit: exact in expectation at every length, and nested over severities.

Every unit has a permanent random number, and so has the text. Of ``n`` units the share ``p`` is
hit by taking the ``floor(p * n + u)`` units with the smallest numbers, where ``u`` is the text's
number in (0, 1): the expected count is ``p * n`` exactly, and what a milder severity hits a worse
one hits too. Rounding up instead makes severities of short texts collapse into one.
"""

import numpy as np
from numba import njit, uint32, uint64

from mmaudit.corruptions._text.flat import ALONE, SPACE
from mmaudit.seeds import block

# what each stream of a text's random words decides
ROUND_WORDS, PICK_WORDS, ROUND_INSIDE, PICK_INSIDE, CHOICE, OTHER = 0, 1, 2, 3, 4, 5
FEW = 16  # up to so many smallest are found one by one, more by sorting
_SHIFT, _LOW = np.uint64(32), np.uint64(0xFFFFFFFF)
_SPACE, _ALONE = np.uint8(SPACE), np.uint8(ALONE)


@njit(inline="always")
def word(k0, k1, stream, index):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    """The random word at an index of a stream, as uint64."""
    return uint64(four_words(k0, k1, stream, index)[index & 3])


@njit(inline="always")
def four_words(k0, k1, stream, index):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    """The random words at the four indices that share a block with an index."""
    return block(uint32(index >> 2), uint32(0), uint32(0), uint32(stream), k0, k1)


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
    return (uint64(random) << _SHIFT) | uint64(index)


@njit(cache=True, nogil=True)
def mark_smallest(ranks, n, hits, mark):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    """Set ``mark`` at the indices of the ``hits`` smallest of ``n`` ranks."""
    if hits > FEW and hits < n:
        ranks[:n].sort()
    elif hits < n:
        for j in range(hits):  # brings them to the front
            least = j
            for k in range(j + 1, n):
                if ranks[k] < ranks[least]:
                    least = k
            ranks[j], ranks[least] = ranks[least], ranks[j]
    for j in range(hits):
        mark[np.int64(ranks[j] & _LOW)] = 1


@njit(cache=True, nogil=True)
def segment(codes, starts, kinds, begin, end, places, first, last):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    """Find the graphemes and the words of one text.

    Args:
        codes: Code points, as in a `Flat`.
        starts: Where graphemes begin, likewise.
        kinds: Properties of code points, likewise.
        begin: Where the text begins in the buffer.
        end: Where it ends.
        places: Filled with where each grapheme begins, and with ``end`` after the last.
        first: Filled with the first grapheme of each word; as long as ``places``.
        last: Filled with the grapheme after the last one of each word; as long as ``places``.

    Returns:
        Number of graphemes and number of words.
    """
    simple = starts.size == 0
    n = words = 0
    inside = False
    for i in range(begin, end):
        if simple or starts[i]:
            kind = kinds[codes[i]]
            printed = kind & _SPACE == 0
            alone = kind & _ALONE != 0
            # without branches, which here nobody can predict: what is no word goes where the
            # next word will overwrite it
            first[words] = n
            words += printed & (alone | (not inside))
            last[words - 1 if printed else words] = n + 1
            inside = printed & (not alone)
            places[n] = i
            n += 1
    places[n] = end
    return n, words
