"""Characters of words are hit: a share of the words, and in each hit word a share of characters."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numba import njit, uint32
from numpy.typing import NDArray

from mmaudit.corruptions._text import choose
from mmaudit.corruptions._text.batches import rewritten
from mmaudit.corruptions._text.choose import (
    below,
    count,
    four_words,
    mark_smallest,
    rank,
    segment,
    word,
)
from mmaudit.corruptions._text.flat import ALONE, SPACE
from mmaudit.corruptions._text.tables import EMPTY, Table
from mmaudit.corruptions._text.writing import copy
from mmaudit.seeds import MASK, Words

REPLACE, INSERT, DELETE, REPEAT, SWAP = range(5)  # the first two take from a table
_SPACE, _ALONE = np.uint8(SPACE), np.uint8(ALONE)
_ROUND_WORDS, _PICK_WORDS = choose.ROUND_WORDS, choose.PICK_WORDS
_ROUND_INSIDE, _PICK_INSIDE, _CHOICE = choose.ROUND_INSIDE, choose.PICK_INSIDE, choose.CHOICE


class Shares(NamedTuple):
    """How much of a text is hit."""

    word_share: float
    character_share: float


UNITS = {
    "word_share": "share of the words that can be hit",
    "character_share": "share of the characters in a hit word that can be hit, at least one",
}
GRID = tuple(Shares(share, 0.3) for share in (0.05, 0.1, 0.15, 0.2, 0.25))


@dataclass(frozen=True, slots=True)
class Characters:
    """One way to hit characters.

    Attributes:
        edit: ``REPLACE`` by or ``INSERT`` before it an entry of the table, ``DELETE``,
            ``REPEAT``, or ``SWAP`` with the next character.
        table: Makes the table of replacements, on the first use.
    """

    edit: int
    table: Callable[[], Table] = lambda: EMPTY

    def one(self, clean: str, severity: Shares, words: Words) -> str:
        """Hit the characters of one text."""
        return self.many([clean], severity, np.array([words.key], np.uint64))[0]

    def many(self, clean: list[str], severity: Shares, keys: NDArray[np.uint64]) -> list[str]:
        """Hit the characters of many texts, the same as one by one.

        Args:
            clean: The texts.
            severity: How much is hit.
            keys: One key a text, ``(texts,)``.
        """
        table = self.table().arrays
        shares = (severity.word_share, severity.character_share)
        return rewritten(
            clean,
            keys,
            lambda flat, k, out, ends: _edit(
                *flat.arrays, *table, k, self.edit, *shares, out, ends
            ),
        )


# A call with arrays counts references, which costs more than most of what is done to one word. So
# the loops over words are inside the functions, and what they call takes numbers.


@njit(cache=True, nogil=True)
def _edit(codes, offsets, starts, kinds, index, sizes, cells, keys, edit, share, inner, out, ends):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    longest = 1
    for i in range(keys.size):
        longest = max(longest, offsets[i + 1] - offsets[i])
    places = np.empty(longest + 1, np.int64)
    first, last = np.empty(longest + 1, np.int64), np.empty(longest + 1, np.int64)
    hit, order = np.zeros(longest, np.uint8), np.empty(longest, np.int64)
    chosen, ranks = np.empty(longest, np.uint8), np.empty(longest, np.uint64)
    o = 0
    ends[0] = 0
    for i in range(keys.size):
        k0, k1 = uint32(keys[i] & np.uint64(MASK)), uint32(keys[i] >> np.uint64(32))
        n, words = segment(codes, starts, kinds, offsets[i], offsets[i + 1], places, first, last)
        able = _rank_words(
            k0, k1, edit, codes, kinds, index, places, n, words, first, last, chosen, ranks
        )
        hits = count(able, share, word(k0, k1, _ROUND_WORDS, 0))
        mark_smallest(ranks, able, hits, chosen)
        for w in range(words):
            if chosen[w]:
                able = _rank(k0, k1, edit, codes, kinds, index, places, n, first[w], last[w], ranks)
                hits = max(1, count(able, inner, word(k0, k1, _ROUND_INSIDE, w)))
                mark_smallest(ranks, able, hits, hit)
        if edit == SWAP:
            o = _write_swapped(codes, places, n, order, hit, out, o)
        else:
            table, spans = (index, sizes, cells), (places, first, last)
            o = _write(k0, k1, edit, codes, table, spans, n, words, chosen, hit, out, o)
        ends[i + 1] = o
    return o


@njit(inline="always")
def _fits(edit, code, after, kind, kind_after, row, length):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    """Whether this edit can hit a grapheme: a code point, the one of the next, their kinds."""
    if edit <= INSERT:
        return row >= 0
    if edit == DELETE:  # a word keeps a letter, but a sign that is a word may go
        return length > 1 or kind & _ALONE != 0
    if edit == SWAP:
        return kind_after & _SPACE == 0 and code != after
    return True


@njit(nogil=True)
def _rank_words(k0, k1, edit, codes, kinds, index, places, n, words, first, last, chosen, ranks):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    """Rank the words in which something can be hit, and return how many they are."""
    able = 0
    four = four_words(k0, k1, _PICK_WORDS, 0)
    for w in range(words):
        if w & 3 == 0:
            four = four_words(k0, k1, _PICK_WORDS, w)
        chosen[w] = 0
        for g in range(first[w], last[w]):
            code, after = codes[places[g]], codes[places[min(g + 1, n - 1)]]
            row, length = index[min(np.int64(code), index.size - 1)], last[w] - first[w]
            if _fits(edit, code, after, kinds[code], kinds[after], row, length):
                ranks[able] = rank(four[w & 3], w)
                able += 1
                break
    return able


@njit(nogil=True)
def _rank(k0, k1, edit, codes, kinds, index, places, n, first, last, ranks):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    """Rank what can be hit in a word, and return how much that is."""
    able = 0
    four = four_words(k0, k1, _PICK_INSIDE, first)
    for g in range(first, last):
        if g & 3 == 0:
            four = four_words(k0, k1, _PICK_INSIDE, g)
        code, after = codes[places[g]], codes[places[min(g + 1, n - 1)]]
        row = index[min(np.int64(code), index.size - 1)]
        if _fits(edit, code, after, kinds[code], kinds[after], row, last - first):
            ranks[able] = rank(four[g & 3], g)
            able += 1
    return able


@njit(nogil=True)
def _write(k0, k1, edit, codes, table, spans, n, words, chosen, hit, out, o):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    """Write one text, and clear the marks; what does not fit is counted, to make room for it."""
    index, sizes, cells = table
    places, first, last = spans
    kept = places[0]  # from here to the next hit nothing changes
    for w in range(words):
        for g in range(first[w], last[w] if chosen[w] else first[w]):
            if hit[g]:
                hit[g] = 0
                begin, end = places[g], places[g + 1]
                for j in range(kept, end if edit == REPEAT else begin):
                    if o < out.size:
                        out[o] = codes[j]
                    o += 1
                kept = end if edit == DELETE else begin
                if edit <= INSERT:
                    row = index[min(np.int64(codes[begin]), index.size - 1)]
                    column = below(word(k0, k1, _CHOICE, g), sizes[row])
                    j = 0
                    while cells[row, column, j]:
                        if o < out.size:
                            out[o] = cells[row, column, j]
                        o += 1
                        j += 1
                    kept += edit == REPLACE  # marks on a replaced letter stay
    return copy(codes, kept, places[n], out, o)


@njit(nogil=True)
def _write_swapped(codes, places, n, order, hit, out, o):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    """Write one text with hit graphemes and the ones after them in turn, from left to right."""
    for g in range(n):
        order[g] = g
    for g in range(n - 1):
        if hit[g]:
            order[g], order[g + 1] = order[g + 1], order[g]
            hit[g] = 0
    kept = places[0]
    for g in range(n):
        if order[g] != g:
            o = copy(codes, kept, places[g], out, o)
            o = copy(codes, places[order[g]], places[order[g] + 1], out, o)
            kept = places[g + 1]
    return copy(codes, kept, places[n], out, o)
