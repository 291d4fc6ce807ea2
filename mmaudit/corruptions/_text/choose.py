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


@njit(nogil=True)
def word(k0, k1, stream, index):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    """The random word at an index of a stream, as uint64."""
    return uint64(four_words(k0, k1, stream, index)[index & 3])


@njit(nogil=True)
def four_words(k0, k1, stream, index):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    """The random words at the four indices that share a block with an index."""
    return block(uint32(index >> 2), uint32(0), uint32(0), uint32(stream), k0, k1)


@njit(nogil=True)
def below(random, n):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    """An integer in [0, n) from a random word."""
    return np.int64((random * uint64(n)) >> _SHIFT)


@njit(nogil=True)
def count(n, share, random):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    """How many of ``n`` units are hit: ``share * n`` on average, exactly."""
    return min(n, np.int64(np.floor(share * n + (np.float64(random) + 0.5) * 2.0**-32)))


@njit(nogil=True)
def rank(random, index):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    """A unit's permanent random number with its index in the low half, so that none are equal."""
    return (uint64(random) << _SHIFT) | uint64(index)


@njit(nogil=True)
def halves(key):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    """A key as the two words that Philox takes."""
    return uint32(key & _LOW), uint32(key >> _SHIFT)


@njit(cache=True, nogil=True)
def mark_smallest(ranks, n, hits, mark, begin):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    """Set ``mark``, from ``begin`` on, at the indices of the ``hits`` smallest of ``n`` ranks."""
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
        mark[begin + np.int64(ranks[j] & _LOW)] = 1


@njit(cache=True, nogil=True)
def segment(codes, offsets, starts, kinds, places, first, last, graphemes, words):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    """Find the graphemes and the words of many texts.

    Args:
        codes: Code points, as in a `Flat`.
        offsets: Where texts begin, likewise.
        starts: Where graphemes begin, likewise.
        kinds: Properties of code points, likewise.
        places: Filled with where each grapheme begins, and with the end of the last,
            ``(codes + 1,)``.
        first: Filled with the first grapheme of each word, ``(codes + 1,)``.
        last: Filled with the grapheme after the last one of each word, ``(codes + 1,)``.
        graphemes: Filled with the first grapheme of each text, and how many there are,
            ``(texts + 1,)``.
        words: Filled with the first word of each text, and how many there are, ``(texts + 1,)``.
    """
    simple = starts.size == 0
    g = w = 0
    for t in range(offsets.size - 1):
        graphemes[t], words[t] = g, w
        inside = False
        for i in range(offsets[t], offsets[t + 1]):
            if simple or starts[i]:
                kind = kinds[codes[i]]
                printed = kind & _SPACE == 0
                alone = kind & _ALONE != 0
                # without branches, which here nobody can predict: what is no word goes where the
                # next word will overwrite it
                first[w] = g
                w += printed & (alone | (not inside))
                last[w - 1 if printed else w] = g + 1
                inside = printed & (not alone)
                places[g] = i
                g += 1
    graphemes[-1], words[-1], places[g] = g, w, codes.size
