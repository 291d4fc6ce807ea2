"""Characters of words are hit: a share of the words, and in each hit word a share of characters."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numba import njit

from mmaudit.corruptions.text._words import choose
from mmaudit.corruptions.text._words.batches import Edit, Rewrite
from mmaudit.corruptions.text._words.choose import (
    below,
    count,
    fours,
    longest,
    mark_smallest,
    of_texts,
    of_words,
    rank,
    spans_of,
)
from mmaudit.corruptions.text._words.flat import ALONE, SPACE
from mmaudit.corruptions.text._words.tables import CodeTable, none
from mmaudit.corruptions.text._words.writing import copy
from mmaudit.kernels import kernel

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
class Characters(Edit[Shares]):
    """One way to hit characters.

    Attributes:
        edit: ``REPLACE`` by or ``INSERT`` before it an entry of the table, ``DELETE``,
            ``REPEAT``, or ``SWAP`` with the next character.
        table: Makes the table of replacements, on the first use.
    """

    edit: int
    table: Callable[[], CodeTable] = none

    def rewrite(self, severity: Shares) -> Rewrite:
        """Hit characters of texts that are laid out flat."""
        table = self.table().arrays
        shares = (severity.word_share, severity.character_share)
        return lambda flat, keys, rows, out, ends: _edit(
            flat.arrays, table, keys, self.edit, shares, rows, out, ends
        )


# A call with arrays counts references, which costs more than most of what is done to one text. So
# every stage goes over all texts.


@kernel
def _edit(flat, table, keys, edit, shares, rows, out, ends):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    codes, offsets, starts, kinds = flat
    spans = spans_of(codes, offsets, starts, kinds, rows)
    places, _, _, graphemes, words = spans
    word_hit, hit = np.zeros(words[-1] + 1, np.uint8), np.zeros(graphemes[-1] + 1, np.uint8)
    ranks = np.empty(longest(graphemes), np.uint64)
    text = (codes, kinds, table[0])
    _pick_words(keys, edit, text, spans, shares[0], ranks, word_hit)
    _pick_inside(keys, edit, text, spans, shares[1], ranks, word_hit, hit)
    if edit == SWAP:
        return _write_swapped(codes, offsets, places, graphemes, hit, out, ends)
    return _write(keys, edit, codes, offsets, table, spans, word_hit, hit, out, ends)


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
def _pick_words(keys, edit, text, spans, share, ranks, word_hit):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    """Choose among the words in which something can be hit."""
    codes, kinds, index = text
    places, first, last, graphemes, words = spans
    drawn, rounding = of_words(keys, words, _PICK_WORDS), of_texts(keys, _ROUND_WORDS)
    for t in range(keys.size):
        begin, end = words[t], graphemes[t + 1] - 1
        able = 0
        for w in range(begin, words[t + 1]):
            for g in range(first[w], last[w]):
                code, after = codes[places[g]], codes[places[min(g + 1, end)]]
                row, length = index[min(np.int64(code), index.size - 1)], last[w] - first[w]
                if _fits(edit, code, after, kinds[code], kinds[after], row, length):
                    ranks[able] = rank(drawn[w], w - begin)
                    able += 1
                    break
        hits = count(able, share, rounding[4 * t])
        mark_smallest(ranks, able, hits, word_hit, begin)


@njit(nogil=True)
def _pick_inside(keys, edit, text, spans, share, ranks, word_hit, hit):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    """Choose characters in the chosen words."""
    codes, kinds, index = text
    places, first, last, graphemes, words = spans
    rounding, drawn = _draw_inside(keys, spans, word_hit)
    n = k = 0
    for t in range(keys.size):
        begin, end = graphemes[t], graphemes[t + 1] - 1
        for w in range(words[t], words[t + 1]):
            if word_hit[w]:
                able, k = 0, k - (first[w] - begin) // 4 * 4
                for g in range(first[w], last[w]):
                    code, after = codes[places[g]], codes[places[min(g + 1, end)]]
                    row, length = index[min(np.int64(code), index.size - 1)], last[w] - first[w]
                    if _fits(edit, code, after, kinds[code], kinds[after], row, length):
                        ranks[able] = rank(drawn[k + g - begin], g - begin)
                        able += 1
                k += (last[w] - begin + 3) // 4 * 4
                hits = max(1, count(able, share, rounding[4 * n + ((w - words[t]) & 3)]))
                mark_smallest(ranks, able, hits, hit, begin)
                n += 1


@njit(nogil=True)
def _draw_inside(keys, spans, word_hit):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    """Random words for the chosen words, and for their graphemes in fours, one after the other."""
    _, first, last, graphemes, words = spans
    owners, indices = np.empty(words[-1], np.uint64), np.empty(words[-1], np.int64)
    room = graphemes[-1] // 4 + 2 * words[-1]
    inner_owners, inner = np.empty(room, np.uint64), np.empty(room, np.int64)
    n = m = 0
    for t in range(keys.size):
        begin = graphemes[t]
        for w in range(words[t], words[t + 1]):
            if word_hit[w]:
                owners[n], indices[n] = keys[t], w - words[t]
                n += 1
                for index in range((first[w] - begin) // 4, (last[w] - begin + 3) // 4):
                    inner_owners[m], inner[m] = keys[t], 4 * index
                    m += 1
    return fours(owners, indices, n, _ROUND_INSIDE), fours(inner_owners, inner, m, _PICK_INSIDE)


@njit(nogil=True)
def _write(keys, edit, codes, offsets, table, spans, word_hit, hit, out, ends):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    """Write the texts; what does not fit is counted, to make room for it."""
    index, sizes, cells = table
    places, first, last, graphemes, words = spans
    drawn = _draw_choices(keys, graphemes, hit)
    o = ends[0] = n = 0
    for t in range(keys.size):
        resume = offsets[t]  # from here to the next hit nothing changes
        for w in range(words[t], words[t + 1]):
            for g in range(first[w], last[w] if word_hit[w] else first[w]):
                if hit[g]:
                    begin, end = places[g], places[g + 1]
                    for j in range(resume, end if edit == REPEAT else begin):
                        if o < out.size:
                            out[o] = codes[j]
                        o += 1
                    resume = end if edit == DELETE else begin
                    if edit <= INSERT:
                        row = index[min(np.int64(codes[begin]), index.size - 1)]
                        column = below(drawn[4 * n + ((g - graphemes[t]) & 3)], sizes[row])
                        n += 1
                        j = 0
                        while cells[row, column, j]:
                            if o < out.size:
                                out[o] = cells[row, column, j]
                            o += 1
                            j += 1
                        resume += edit == REPLACE  # marks on a replaced letter stay
        o = copy(codes, resume, offsets[t + 1], out, o)
        ends[t + 1] = o
    return o


@njit(nogil=True)
def _draw_choices(keys, graphemes, hit):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    """Random words for the graphemes that are hit, each in one of four places."""
    most = 0
    for g in range(graphemes[-1]):
        most += hit[g]
    owners, indices = np.empty(most, np.uint64), np.empty(most, np.int64)
    n = 0
    for t in range(keys.size):
        for g in range(graphemes[t], graphemes[t + 1]):
            if hit[g]:
                owners[n], indices[n] = keys[t], g - graphemes[t]
                n += 1
    return fours(owners, indices, n, _CHOICE)


@njit(nogil=True)
def _write_swapped(codes, offsets, places, graphemes, hit, out, ends):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    """Write the texts with hit graphemes and the ones after them in turn, from left to right."""
    o = ends[0] = 0
    for t in range(offsets.size - 1):
        resume = offsets[t]
        moved = graphemes[t]  # the grapheme that stands here now
        for g in range(graphemes[t], graphemes[t + 1]):
            if hit[g]:  # the next one comes before it, and it may go on
                o = copy(codes, resume, places[g], out, o)
                o = copy(codes, places[g + 1], places[g + 2], out, o)
                resume = places[g + 1]
                if g == graphemes[t] or not hit[g - 1]:
                    moved = g
            elif g > graphemes[t] and hit[g - 1]:
                o = copy(codes, places[moved], places[moved + 1], out, o)
                resume = places[g + 1]
        o = copy(codes, resume, offsets[t + 1], out, o)
        ends[t + 1] = o
    return o
