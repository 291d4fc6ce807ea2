"""Characters of words are hit: a share of the words, and in each hit word a share of characters."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from mmaudit.corruptions._text import choose
from mmaudit.corruptions._text.batches import rewritten
from mmaudit.corruptions._text.choose import (
    below,
    count,
    four_words,
    halves,
    mark_smallest,
    rank,
    segment,
    word,
)
from mmaudit.corruptions._text.flat import ALONE, SPACE
from mmaudit.corruptions._text.tables import EMPTY, Table
from mmaudit.corruptions._text.writing import copy
from mmaudit.seeds import Words

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


# A call with arrays counts references, which costs more than most of what is done to one text. So
# every stage goes over all texts.


@njit(cache=True, nogil=True)
def _edit(codes, offsets, starts, kinds, index, sizes, cells, keys, edit, share, inner, out, ends):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    room = codes.size + 1
    places, first, last = (
        np.empty(room, np.int64),
        np.empty(room, np.int64),
        np.empty(room, np.int64),
    )
    graphemes, words = np.empty_like(offsets), np.empty_like(offsets)
    segment(codes, offsets, starts, kinds, places, first, last, graphemes, words)
    chosen, hit, ranks = (
        np.zeros(room, np.uint8),
        np.zeros(room, np.uint8),
        np.empty(room, np.uint64),
    )
    text, spans = (codes, kinds, index), (places, first, last, graphemes, words)
    _pick_words(keys, edit, text, spans, share, ranks, chosen)
    _pick_inside(keys, edit, text, spans, inner, ranks, chosen, hit)
    if edit == SWAP:
        return _write_swapped(codes, offsets, places, graphemes, hit, out, ends)
    return _write(keys, edit, codes, offsets, (index, sizes, cells), spans, chosen, hit, out, ends)


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
def _pick_words(keys, edit, text, spans, share, ranks, chosen):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    """Choose among the words in which something can be hit."""
    codes, kinds, index = text
    places, first, last, graphemes, words = spans
    for t in range(keys.size):
        k0, k1 = halves(keys[t])
        begin, end = words[t], graphemes[t + 1] - 1
        four = four_words(k0, k1, _PICK_WORDS, 0)
        able = 0
        for w in range(begin, words[t + 1]):
            if (w - begin) & 3 == 0:
                four = four_words(k0, k1, _PICK_WORDS, w - begin)
            for g in range(first[w], last[w]):
                code, after = codes[places[g]], codes[places[min(g + 1, end)]]
                row, length = index[min(np.int64(code), index.size - 1)], last[w] - first[w]
                if _fits(edit, code, after, kinds[code], kinds[after], row, length):
                    ranks[able] = rank(four[(w - begin) & 3], w - begin)
                    able += 1
                    break
        hits = count(able, share, word(k0, k1, _ROUND_WORDS, 0))
        mark_smallest(ranks, able, hits, chosen, begin)


@njit(nogil=True)
def _pick_inside(keys, edit, text, spans, share, ranks, chosen, hit):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    """Choose characters in the chosen words."""
    codes, kinds, index = text
    places, first, last, graphemes, words = spans
    for t in range(keys.size):
        k0, k1 = halves(keys[t])
        begin, end = graphemes[t], graphemes[t + 1] - 1
        for w in range(words[t], words[t + 1]):
            if chosen[w]:
                able = 0
                four = four_words(k0, k1, _PICK_INSIDE, first[w] - begin)
                for g in range(first[w], last[w]):
                    if (g - begin) & 3 == 0:
                        four = four_words(k0, k1, _PICK_INSIDE, g - begin)
                    code, after = codes[places[g]], codes[places[min(g + 1, end)]]
                    row, length = index[min(np.int64(code), index.size - 1)], last[w] - first[w]
                    if _fits(edit, code, after, kinds[code], kinds[after], row, length):
                        ranks[able] = rank(four[(g - begin) & 3], g - begin)
                        able += 1
                random = word(k0, k1, _ROUND_INSIDE, w - words[t])
                mark_smallest(ranks, able, max(1, count(able, share, random)), hit, begin)


@njit(nogil=True)
def _write(keys, edit, codes, offsets, table, spans, chosen, hit, out, ends):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    """Write the texts; what does not fit is counted, to make room for it."""
    index, sizes, cells = table
    places, first, last, graphemes, words = spans
    o = ends[0] = 0
    for t in range(keys.size):
        k0, k1 = halves(keys[t])
        kept = offsets[t]  # from here to the next hit nothing changes
        for w in range(words[t], words[t + 1]):
            for g in range(first[w], last[w] if chosen[w] else first[w]):
                if hit[g]:
                    begin, end = places[g], places[g + 1]
                    for j in range(kept, end if edit == REPEAT else begin):
                        if o < out.size:
                            out[o] = codes[j]
                        o += 1
                    kept = end if edit == DELETE else begin
                    if edit <= INSERT:
                        row = index[min(np.int64(codes[begin]), index.size - 1)]
                        column = below(word(k0, k1, _CHOICE, g - graphemes[t]), sizes[row])
                        j = 0
                        while cells[row, column, j]:
                            if o < out.size:
                                out[o] = cells[row, column, j]
                            o += 1
                            j += 1
                        kept += edit == REPLACE  # marks on a replaced letter stay
        o = copy(codes, kept, offsets[t + 1], out, o)
        ends[t + 1] = o
    return o


@njit(nogil=True)
def _write_swapped(codes, offsets, places, graphemes, hit, out, ends):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    """Write the texts with hit graphemes and the ones after them in turn, from left to right."""
    o = ends[0] = 0
    for t in range(offsets.size - 1):
        kept = offsets[t]
        moved = graphemes[t]  # the grapheme that stands here now
        for g in range(graphemes[t], graphemes[t + 1]):
            if hit[g]:  # the next one comes before it, and it may go on
                o = copy(codes, kept, places[g], out, o)
                o = copy(codes, places[g + 1], places[g + 2], out, o)
                kept = places[g + 1]
                if g == graphemes[t] or not hit[g - 1]:
                    moved = g
            elif g > graphemes[t] and hit[g - 1]:
                o = copy(codes, places[moved], places[moved + 1], out, o)
                kept = places[g + 1]
        o = copy(codes, kept, offsets[t + 1], out, o)
        ends[t + 1] = o
    return o
