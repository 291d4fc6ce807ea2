"""Words are replaced by entries of a list: known errors, words of like meaning, negations, numbers.

A word is looked up without the punctuation around it and without regard to case; what replaces it
is written with the same capitals.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numba import njit, uint32
from numpy.typing import NDArray

from mmaudit.corruptions._text import choose
from mmaudit.corruptions._text.choose import below, count, mark_smallest, rank, segment, word
from mmaudit.corruptions._text.flat import DIGIT, LETTER, SPACE, flatten, unflatten
from mmaudit.corruptions._text.lexicon import Lexicon, find, lower, upper
from mmaudit.corruptions._text.tables import EMPTY, Table
from mmaudit.corruptions._text.words import Share
from mmaudit.corruptions._text.writing import copy, ended, put
from mmaudit.seeds import MASK, Words

UNITS = {"share": "share of the words that the list knows"}
GRID = tuple(Share(0.1 * k) for k in range(1, 6))
_INSIDE, _SPACE = np.uint8(LETTER | DIGIT), np.uint8(SPACE)
_ROUND_WORDS, _PICK_WORDS = choose.ROUND_WORDS, choose.PICK_WORDS
_CHOICE, _OTHER, _LOW = choose.CHOICE, choose.OTHER, np.uint64(MASK)


@dataclass(frozen=True, slots=True)
class Replacement:
    """One list as a way to hit words.

    Attributes:
        words: Makes the lexicon, on the first use.
        digits: Makes a table of digits where words with digits are hit too.
        apart: After a word that can be hit, this many words cannot; nor can a word before one
            that the list may take away. So a clause is not denied twice.
    """

    words: Callable[[], Lexicon]
    digits: Callable[[], Table] = lambda: EMPTY
    apart: int = 0

    def one(self, clean: str, severity: Share, words: Words) -> str:
        """Replace words of one text."""
        return self.many([clean], severity, np.array([words.key], np.uint64))[0]

    def many(self, clean: list[str], severity: Share, keys: NDArray[np.uint64]) -> list[str]:
        """Replace words of many texts, the same as one by one.

        Args:
            clean: The texts.
            severity: How much is hit.
            keys: One key a text, ``(texts,)``.
        """
        flat, known, digits = flatten(clean), self.words(), self.digits()
        text = (flat.codes, flat.offsets, flat.starts, flat.kinds)
        listed = (known.hashes, known.sizes, known.cells)
        numbers = (digits.rows(flat.codes), digits.sizes, digits.cells)
        how = (severity.share, self.apart)
        offsets = np.empty_like(flat.offsets)
        room = 2 * flat.codes.size + 64
        while True:
            out = np.empty(room, np.uint32)
            with np.errstate(over="ignore"):  # the hash wraps
                need = int(_edit(text, listed, numbers, keys, how, out, offsets))
            if need <= room:
                return unflatten(out[:need], offsets)
            room = need


@njit(cache=True, nogil=True)
def _edit(text, listed, numbers, keys, how, out, ends):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    codes, offsets, starts, kinds = text
    longest = 1
    for i in range(keys.size):
        longest = max(longest, offsets[i + 1] - offsets[i])
    places = np.empty(longest + 1, np.int64)
    first, last = np.empty(longest, np.int64), np.empty(longest, np.int64)
    row, ranks = np.empty(longest, np.int64), np.empty(longest, np.uint64)
    hit = np.empty(longest, np.uint8)
    o = 0
    ends[0] = 0
    for i in range(keys.size):
        k0, k1 = uint32(keys[i] & _LOW), uint32(keys[i] >> np.uint64(32))
        _, words = segment(starts, kinds, offsets[i], offsets[i + 1], places, first, last)
        for w in range(words):
            hit[w] = 0
            # from here on a word is its core in the buffer, without the punctuation around it
            first[w], last[w] = _core(kinds, places[first[w]], places[last[w]])
            row[w] = find(codes, first[w], last[w], listed[0])
        able, free = 0, 0
        for w in range(words):
            known = row[w] >= 0 or _has_digit(numbers[0], first[w], last[w])
            if known and w >= free and not _goes(row, w + 1, words, listed[2]):
                ranks[able] = rank(word(k0, k1, _PICK_WORDS, w), w)
                able += 1
                free = w + 1 + how[1]
        hits = count(able, how[0], word(k0, k1, _ROUND_WORDS, 0))
        mark_smallest(ranks, able, hits, hit)
        before = offsets[i]
        for w in range(words):
            if hit[w]:
                o = copy(codes, before, first[w], out, o)
                before = last[w]
                random = word(k0, k1, _CHOICE, w)
                if row[w] < 0:
                    o = _renumber(k0, k1, codes, numbers, offsets[i], first[w], last[w], out, o)
                else:
                    cell = listed[2][row[w], below(random, listed[1][row[w]])]
                    if cell[0] == 0 and before < offsets[i + 1] and kinds[before] & _SPACE != 0:
                        before += 1  # a word that goes takes the blank after it along
                    o = _replace(codes, first[w], last[w], cell, out, o)
        o = copy(codes, before, offsets[i + 1], out, o)
        ends[i + 1] = o
    return o


@njit(inline="always")
def _core(kinds, begin, end):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    """Where the letters and digits of a word begin and end."""
    while begin < end and kinds[begin] & _INSIDE == 0:
        begin += 1
    while end > begin and kinds[end - 1] & _INSIDE == 0:
        end -= 1
    return begin, end


@njit(inline="always")
def _goes(row, w, words, cells):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    """Whether there is a word that the list may take away."""
    return w < words and row[w] >= 0 and cells[row[w], 0, 0] == 0


@njit(inline="always")
def _has_digit(rows, begin, end):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    found = False
    for j in range(begin, end):
        found = found or rows[j] >= 0
    return found


@njit(inline="always")
def _renumber(k0, k1, codes, numbers, text, begin, end, out, o):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    """Write a word with every digit changed."""
    rows, sizes, cells = numbers
    for j in range(begin, end):
        code = codes[j]
        if rows[j] >= 0:
            code = cells[rows[j], below(word(k0, k1, _OTHER, j - text), sizes[rows[j]]), 0]
        o = put(code, out, o)
    return o


@njit(inline="always")
def _replace(codes, begin, end, cell, out, o):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    """Write an entry with the capitals of the word that it replaces."""
    initial = lower(codes[begin]) != codes[begin]
    every = initial and end - begin > 1
    for j in range(begin, end):
        every = every and upper(codes[j]) == codes[j]
    for j in range(ended(cell)):
        o = put(upper(cell[j]) if every or (initial and j == 0) else cell[j], out, o)
    return o
