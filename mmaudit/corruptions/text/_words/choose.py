"""Which units of a text are hit: exact in expectation at every length, and nested over severities.

Every unit has a permanent random number, and so has the text. Of ``n`` units the share ``p`` is
hit by taking the ``floor(p * n + u)`` units with the smallest numbers, where ``u`` is the text's
number in (0, 1): the expected count is ``p * n`` exactly, and what a milder severity hits a worse
one hits too. Rounding up instead makes severities of short texts collapse into one.
"""

import numpy as np
from numba import njit, uint32, uint64

from mmaudit.corruptions.text._words.flat import ALONE, SPACE
from mmaudit.kernels import kernel
from mmaudit.seeds import block

# what each stream of a text's random words decides; for plain integers numba would compile what
# takes them once for each
ROUND_WORDS, PICK_WORDS, ROUND_INSIDE, PICK_INSIDE, CHOICE, OTHER = map(np.uint32, range(6))
FEW = 16  # up to so many smallest are found one by one, more by sorting
_SHIFT, _LOW, _ALL = np.uint64(32), np.uint64(0xFFFFFFFF), np.uint64(2**64 - 1)
_SPACE, _ALONE = np.uint8(SPACE), np.uint8(ALONE)
_SPACES, _ALONES = np.uint64(SPACE), np.uint64(ALONE)


@njit(nogil=True)
def word(k0, k1, stream, index):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    """The random word at an index of a stream, as uint64."""
    return uint64(four_words(k0, k1, stream, index)[index & 3])


@njit(nogil=True)
def four_words(k0, k1, stream, index):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    """The random words at the four indices that share a block with an index."""
    return block(uint32(index >> 2), uint32(0), uint32(0), uint32(stream), k0, k1)


@kernel
def fours(keys, indices, n, stream):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    """The same for many at once, which takes a quarter of the time.

    Args:
        keys: A key for each, ``(n or more,)``.
        indices: The index of each, ``(n or more,)``.
        n: How many.
        stream: The stream.

    Returns:
        ``(4 * n,)`` uint32; index ``i`` of the ``k``-th is at ``4 * k + (i & 3)``.
    """
    planes, out = np.empty((4, n), np.uint32), np.empty(4 * n, np.uint32)
    zero, s = uint32(0), uint32(stream)
    for k in range(n):
        k0, k1 = uint32(keys[k] & _LOW), uint32(keys[k] >> _SHIFT)
        a, b, c, d = block(uint32(indices[k] >> 2), zero, zero, s, k0, k1)
        planes[0, k], planes[1, k], planes[2, k], planes[3, k] = a, b, c, d
    for k in range(n):
        for i in range(4):
            out[4 * k + i] = planes[i, k]
    return out


@kernel
def of_words(keys, words, stream):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    """A random word for each word of each text, by its place in the text.

    Args:
        keys: One key a text, ``(texts,)``.
        words: The first word of each text, and how many there are, ``(texts + 1,)``.
        stream: The stream.

    Returns:
        ``(words,)`` uint32.
    """
    total = words[-1] // 4 + keys.size + 1
    owners, indices = np.empty(total, np.uint64), np.empty(total, np.int64)
    n = 0
    for t in range(keys.size):
        for i in range(0, words[t + 1] - words[t], 4):
            owners[n], indices[n] = keys[t], i
            n += 1
    drawn = fours(owners, indices, n, stream)
    out = np.empty(words[-1], np.uint32)
    k = 0
    for t in range(keys.size):
        for i in range(words[t + 1] - words[t]):
            out[words[t] + i] = drawn[k + i]
        k += (words[t + 1] - words[t] + 3) // 4 * 4
    return out


@kernel
def of_texts(keys, stream):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    """The first random word of each text, at every fourth place, ``(4 * texts,)`` uint32."""
    return fours(keys, np.zeros(keys.size, np.int64), keys.size, stream)


@njit(nogil=True)
def longest(begins):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    """The most that lies between one beginning and the next, ``(n + 1,)``, at least 0.

    `np.diff` would take seconds to compile.
    """
    most = 0
    for t in range(begins.size - 1):
        most = max(most, begins[t + 1] - begins[t])
    return most


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


@njit(inline="always")
def mark_smallest(ranks, n, hits, mark, begin):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    """Set ``mark``, from ``begin`` on, at the indices of the ``hits`` smallest of ``n`` ranks."""
    if hits == n or hits > FEW:
        if hits < n:
            ranks[:n].sort()
        for j in range(hits):
            mark[begin + np.int64(ranks[j] & _LOW)] = 1
    else:
        least = uint64(0)
        for j in range(hits):  # the smallest above the last one, without branches
            above = _ALL
            for k in range(n):
                above = min(above, ranks[k] if j == 0 or ranks[k] > least else _ALL)
            least = above
            mark[begin + np.int64(least & _LOW)] = 1


@njit(nogil=True)
def spans_of(codes, offsets, starts, kinds, rows):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    """What `segment` finds, the first three in rows to work in: places … words, in its order."""
    places, first, last = rows[0], rows[1], rows[2]
    graphemes, words = np.empty_like(offsets), np.empty_like(offsets)
    segment(codes, offsets, starts, kinds, places, first, last, graphemes, words)
    return places, first, last, graphemes, words


@kernel
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
    if starts.size == 0:
        _segment_simple(codes, offsets, kinds, places, first, last, graphemes, words)
        return
    g = w = 0
    for t in range(offsets.size - 1):
        graphemes[t], words[t] = g, w
        inside = False
        for i in range(offsets[t], offsets[t + 1]):
            if starts[i]:
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


@njit(nogil=True)
def _segment_simple(codes, offsets, kinds, places, first, last, graphemes, words):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    """The same where every code point is a grapheme."""
    for i in range(codes.size + 1):
        places[i] = i
    one, w = uint64(1), uint64(0)  # indices without a sign need not be looked at for one
    for t in range(offsets.size - 1):
        graphemes[t], words[t] = offsets[t], w
        inside = uint64(0)
        for i in range(offsets[t], offsets[t + 1]):
            kind = uint64(kinds[codes[i]])
            printed, alone = kind // _SPACES & one ^ one, kind // _ALONES & one
            first[w] = i
            w += printed & (alone | inside ^ one)
            last[w - printed] = i + 1
            inside = printed & (alone ^ one)
    graphemes[-1], words[-1] = codes.size, w
