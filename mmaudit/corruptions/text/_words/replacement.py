"""Words are replaced by entries of a list: known errors, words of like meaning, negations, numbers.

A word is looked up without the punctuation around it and without regard to case; what replaces it
is written with the same capitals.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numba import njit, uint64

from mmaudit.corruptions.text._words import choose
from mmaudit.corruptions.text._words.batches import Edit, Rewrite
from mmaudit.corruptions.text._words.choose import (
    below,
    count,
    halves,
    longest,
    mark_smallest,
    of_texts,
    of_words,
    rank,
    spans_of,
    word,
)
from mmaudit.corruptions.text._words.flat import DIGIT, LETTER, SPACE
from mmaudit.corruptions.text._words.lexicon import START, Lexicon, hashed, lower, upper
from mmaudit.corruptions.text._words.tables import CodeTable, none
from mmaudit.corruptions.text._words.words import Share
from mmaudit.corruptions.text._words.writing import copy, put
from mmaudit.kernels import kernel

UNITS = {"share": "share of the words that the list knows"}
UNKNOWN, NUMBER = -1, -2  # instead of a row of the list
GRID = tuple(Share(share) for share in (0.1, 0.2, 0.3, 0.4, 0.5))
_INSIDE, _SPACE = np.uint8(LETTER | DIGIT), np.uint8(SPACE)
_ROUND_WORDS, _PICK_WORDS = choose.ROUND_WORDS, choose.PICK_WORDS
_CHOICE, _OTHER = choose.CHOICE, choose.OTHER


@dataclass(frozen=True, slots=True)
class Replacement(Edit[Share]):
    """One list as a way to hit words.

    Attributes:
        words: Makes the lexicon, on the first use.
        digits: Makes a table of digits where words with digits are hit too.
        apart: After a word that can be hit, this many words cannot; nor can a word before one
            that the list may take away. So a clause is not denied twice.
    """

    words: Callable[[], Lexicon]
    digits: Callable[[], CodeTable] = none
    apart: int = 0

    def rewrite(self, severity: Share) -> Rewrite:
        """Replace words of texts that are laid out flat."""
        lists = (self.words().arrays, self.digits().arrays)
        how = (severity.share, self.apart)

        return np.errstate(over="ignore")(  # the hash wraps
            lambda flat, keys, rows, out, ends: _edit(
                flat.arrays, *lists, keys, *how, rows, out, ends
            )
        )


@kernel
def _edit(text, listed, numbers, keys, share, apart, rows, out, ends):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    codes, offsets, starts, kinds = text
    cells = listed[3]
    places, first, last, _, words = spans_of(codes, offsets, starts, kinds, rows)
    row = np.empty(words[-1], np.int64)
    _look_up(codes, kinds, listed, numbers[0], places, first, last, words[-1], row)
    hit, ranks = np.zeros(words[-1], np.uint8), np.empty(longest(words), np.uint64)
    drawn, rounding = of_words(keys, words, _PICK_WORDS), of_texts(keys, _ROUND_WORDS)
    for t in range(keys.size):
        begin, end = words[t], words[t + 1]
        able, free = 0, begin
        for w in range(begin, end):
            goes = w + 1 < end and row[w + 1] >= 0 and cells[row[w + 1], 0, 0] == 0
            if row[w] != UNKNOWN and w >= free and not goes:
                ranks[able] = rank(drawn[w], w - begin)
                able += 1
                free = w + 1 + apart
        hits = count(able, share, rounding[4 * t])
        mark_smallest(ranks, able, hits, hit, begin)
    return _write(
        keys, codes, kinds, offsets, listed, numbers, (first, last, words), row, hit, out, ends
    )


@njit(nogil=True)
def _write(keys, codes, kinds, offsets, listed, numbers, spans, row, hit, out, ends):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    """Write the texts."""
    _, _, sizes, cells = listed
    index, digit_sizes, digit_cells = numbers
    first, last, words = spans
    o = ends[0] = 0
    for t in range(keys.size):
        k0, k1 = halves(keys[t])
        begin, end = offsets[t], offsets[t + 1]
        resume = begin
        for w in range(words[t], words[t + 1]):
            if hit[w]:
                o = copy(codes, resume, first[w], out, o)
                resume = last[w]
                if row[w] == NUMBER:
                    o = _renumber(
                        k0,
                        k1,
                        codes,
                        index,
                        digit_sizes,
                        digit_cells,
                        begin,
                        first[w],
                        resume,
                        out,
                        o,
                    )
                else:
                    column = below(word(k0, k1, _CHOICE, w - words[t]), sizes[row[w]])
                    gone = cells[row[w], column, 0] == 0
                    if gone and resume < end and kinds[codes[resume]] & _SPACE != 0:
                        resume += 1  # a word that goes takes the blank after it along
                    o = _replace(codes, first[w], last[w], cells, row[w], column, out, o)
        o = copy(codes, resume, end, out, o)
        ends[t + 1] = o
    return o


@njit(nogil=True)
def _look_up(codes, kinds, listed, index, places, first, last, words, row):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    """Find the row of each word in the list, and reduce words to their cores in the buffer.

    The core of a word is what is left without the punctuation around it.
    """
    slots, hashes = listed[0], listed[1]
    for w in range(words):
        begin, end = places[first[w]], places[last[w]]
        while begin < end and kinds[codes[begin]] & _INSIDE == 0:
            begin += 1
        while end > begin and kinds[codes[end - 1]] & _INSIDE == 0:
            end -= 1
        first[w], last[w] = begin, end
        value = START
        row[w] = UNKNOWN
        for j in range(begin, end):
            value = hashed(value, codes[j])
            if index[min(np.int64(codes[j]), index.size - 1)] >= 0:
                row[w] = NUMBER
        slot = value & uint64(slots.size - 1)
        while slots[slot] >= 0 and hashes[slots[slot]] != value:
            slot = (slot + uint64(1)) & uint64(slots.size - 1)
        if begin < end and slots[slot] >= 0:
            row[w] = slots[slot]


@njit(nogil=True)
def _renumber(k0, k1, codes, index, sizes, cells, text, begin, end, out, o):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    """Write a word with every digit changed."""
    for j in range(begin, end):
        code = codes[j]
        row = index[min(np.int64(code), index.size - 1)]
        if row >= 0:
            code = cells[row, below(word(k0, k1, _OTHER, j - text), sizes[row]), 0]
        o = put(code, out, o)
    return o


@njit(nogil=True)
def _replace(codes, begin, end, cells, row, column, out, o):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    """Write an entry with the capitals of the word that it replaces."""
    initial = lower(codes[begin]) != codes[begin]
    every = initial and end - begin > 1
    for j in range(begin, end):
        every = every and upper(codes[j]) == codes[j]
    j = 0
    while cells[row, column, j]:
        code = cells[row, column, j]
        o = put(upper(code) if every or (initial and j == 0) else code, out, o)
        j += 1
    return o
