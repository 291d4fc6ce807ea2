"""Characters of words are hit: a share of the words, and in each hit word a share of characters."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numba import njit, uint32
from numpy.typing import NDArray

from mmaudit.corruptions._text import choose
from mmaudit.corruptions._text.choose import below, count, mark_smallest, rank, segment, word
from mmaudit.corruptions._text.flat import ALONE, SPACE, Flat, flatten, unflatten
from mmaudit.corruptions._text.tables import EMPTY, Table
from mmaudit.corruptions._text.writing import copy, ended
from mmaudit.seeds import MASK, Words

REPLACE, INSERT, DELETE, REPEAT, SWAP = range(5)
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
GRID = tuple(Shares(0.05 * k, 0.3) for k in range(1, 6))


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
        flat, table = flatten(clean), self.table()
        rows = table.rows(flat.codes)
        offsets = np.empty_like(flat.offsets)
        room = 2 * flat.codes.size + 64
        while True:
            out = np.empty(room, np.uint32)
            need = _edit_all(flat, rows, table, keys, self.edit, severity, out, offsets)
            if need <= room:
                return unflatten(out[:need], offsets)
            room = need


def _edit_all(
    flat: Flat,
    rows: NDArray[np.int32],
    table: Table,
    keys: NDArray[np.uint64],
    edit: int,
    severity: Shares,
    out: NDArray[np.uint32],
    offsets: NDArray[np.int64],
) -> int:
    text = (flat.codes, flat.offsets, flat.starts, flat.kinds)
    shares = (severity.word_share, severity.character_share)
    return int(_edit(text, (rows, table.sizes, table.cells), keys, edit, shares, out, offsets))


@njit(cache=True, nogil=True)
def _edit(text, table, keys, edit, shares, out, ends):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    codes, offsets, starts, kinds = text
    longest = 1
    for i in range(keys.size):
        longest = max(longest, offsets[i + 1] - offsets[i])
    places = np.empty(longest + 1, np.int64)
    first, last = np.empty(longest, np.int64), np.empty(longest, np.int64)
    order = np.empty(longest, np.int64)
    ranks = np.empty(longest, np.uint64)
    fit, hit = np.empty(longest, np.uint8), np.empty(longest, np.uint8)
    room = (first, last, ranks, fit, hit, np.empty(longest, np.uint8))
    o = 0
    ends[0] = 0
    for i in range(keys.size):
        k0, k1 = uint32(keys[i] & np.uint64(MASK)), uint32(keys[i] >> np.uint64(32))
        n, words = segment(starts, kinds, offsets[i], offsets[i + 1], places, first, last)
        fit[:n], hit[:n] = 0, 0
        for w in range(words):
            _find_fit(edit, codes, kinds, table[0], places, n, first[w], last[w], fit)
        _pick(k0, k1, words, shares, room)
        for g in range(n):
            order[g] = g
        if edit == SWAP:
            for g in range(n - 1):
                if hit[g]:
                    order[g], order[g + 1] = order[g + 1], order[g]
        o = _write(k0, k1, edit, codes, table, places, n, order, hit, out, o)
        ends[i + 1] = o
    return o


@njit(inline="always")
def _find_fit(edit, codes, kinds, rows, places, n, first, last, fit):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    """Mark the graphemes of a word that this edit can hit."""
    for g in range(first, last):
        p = places[g]
        if edit in (REPLACE, INSERT):
            fit[g] = rows[p] >= 0
        elif edit == DELETE:  # a word keeps a letter, but a sign that is a word may go
            fit[g] = last - first > 1 or kinds[p] & _ALONE != 0
        elif edit == SWAP:
            if g + 1 < n:
                q = places[g + 1]
                fit[g] = kinds[q] & _SPACE == 0 and codes[p] != codes[q]
        else:
            fit[g] = 1


@njit(inline="always")
def _pick(k0, k1, words, shares, room):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    """Choose words that can be hit, and characters in them."""
    first, last, ranks, fit, hit, chosen = room
    able = 0
    for w in range(words):
        chosen[w] = 0
        for g in range(first[w], last[w]):
            if fit[g]:
                ranks[able] = rank(word(k0, k1, _PICK_WORDS, w), w)
                able += 1
                break
    hits = count(able, shares[0], word(k0, k1, _ROUND_WORDS, 0))
    mark_smallest(ranks, able, hits, chosen)
    for w in range(words):
        if chosen[w]:
            able = 0
            for g in range(first[w], last[w]):
                if fit[g]:
                    ranks[able] = rank(word(k0, k1, _PICK_INSIDE, g), g)
                    able += 1
            hits = max(1, count(able, shares[1], word(k0, k1, _ROUND_INSIDE, w)))
            mark_smallest(ranks, able, hits, hit)


@njit(inline="always")
def _write(k0, k1, edit, codes, table, places, n, order, hit, out, o):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    """Write one text; what does not fit is counted, so that the caller can make room."""
    rows, sizes, cells = table
    for g in range(n):
        begin, end = places[order[g]], places[order[g] + 1]
        if hit[g] and edit != SWAP:
            if edit == DELETE:
                continue
            if edit == REPEAT:
                o = copy(codes, begin, end, out, o)
            else:
                row = rows[begin]
                cell = cells[row, below(word(k0, k1, _CHOICE, g), sizes[row])]
                o = copy(cell, 0, ended(cell), out, o)
                if edit == REPLACE:
                    begin += 1  # marks on a replaced letter stay
        o = copy(codes, begin, end, out, o)
    return o
