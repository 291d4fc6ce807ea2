"""Words are hit: a share of the words is dropped, doubled, moved, masked or gets company."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numba import njit, uint32
from numpy.typing import NDArray

from mmaudit.corruptions._text import choose
from mmaudit.corruptions._text.choose import below, count, mark_smallest, rank, segment, word
from mmaudit.corruptions._text.flat import ALONE, LEFTWARD, flatten, unflatten
from mmaudit.corruptions._text.writing import copy, put
from mmaudit.seeds import MASK, Words

DELETE, REPEAT, SWAP, INSERT, MASKED, MARK, TRUNCATE, REVERSE, SPACING = range(9)
_ALONE, _LEFTWARD, _BLANK = np.uint8(ALONE), np.uint8(LEFTWARD), np.uint32(32)
_ROUND_WORDS, _PICK_WORDS = choose.ROUND_WORDS, choose.PICK_WORDS
_CHOICE, _OTHER = choose.CHOICE, choose.OTHER


class Share(NamedTuple):
    """How much of a text is hit."""

    share: float


UNITS = {"share": "share of the words"}
GRID = tuple(Share(0.05 * k) for k in range(1, 6))


@dataclass(frozen=True, slots=True)
class WordEdit:
    """One way to hit words.

    Attributes:
        edit: ``DELETE``, ``REPEAT``, ``SWAP`` with the next word, ``INSERT`` a word of the same
            text before it, ``MASKED`` by a sign, ``MARK`` by a sign before it, ``TRUNCATE`` the
            end, ``REVERSE`` the characters between signs, or spoil the ``SPACING`` by a join
            with the word before or by a blank inside.
        signs: The signs that ``MASKED`` and ``MARK`` (one is drawn) put; for ``REVERSE`` the
            opening sign of words that run rightward, that of those that run leftward, and the
            closing one.
    """

    edit: int
    signs: str = ""

    def one(self, clean: str, severity: Share, words: Words) -> str:
        """Hit the words of one text."""
        return self.many([clean], severity, np.array([words.key], np.uint64))[0]

    def many(self, clean: list[str], severity: Share, keys: NDArray[np.uint64]) -> list[str]:
        """Hit the words of many texts, the same as one by one.

        Args:
            clean: The texts.
            severity: How much is hit.
            keys: One key a text, ``(texts,)``.
        """
        flat = flatten(clean)
        text = (flat.codes, flat.offsets, flat.starts, flat.kinds)
        signs = np.array([ord(sign) for sign in self.signs] or [0], np.uint32)
        offsets = np.empty_like(flat.offsets)
        room = 2 * flat.codes.size + 64
        while True:
            out = np.empty(room, np.uint32)
            need = int(_edit(text, keys, self.edit, severity.share, signs, out, offsets))
            if need <= room:
                return unflatten(out[:need], offsets)
            room = need


@njit(cache=True, nogil=True)
def _edit(text, keys, edit, share, signs, out, ends):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    codes, offsets, starts, kinds = text
    longest = 1
    for i in range(keys.size):
        longest = max(longest, offsets[i + 1] - offsets[i])
    places = np.empty(longest + 1, np.int64)
    first, last = np.empty(longest, np.int64), np.empty(longest, np.int64)
    order, ranks = np.empty(longest, np.int64), np.empty(longest, np.uint64)
    hit = np.empty(longest, np.uint8)
    o = 0
    ends[0] = 0
    for i in range(keys.size):
        k0, k1 = uint32(keys[i] & np.uint64(MASK)), uint32(keys[i] >> np.uint64(32))
        n, words = segment(starts, kinds, offsets[i], offsets[i + 1], places, first, last)
        able = 0
        for w in range(words):
            hit[w], order[w] = 0, w
            if _can(edit, first, last, words, w):
                # what is cut off is cut off from the end
                random = np.uint64(words - w) if edit == TRUNCATE else word(k0, k1, _PICK_WORDS, w)
                ranks[able] = rank(random, w)
                able += 1
        hits = count(able, share, word(k0, k1, _ROUND_WORDS, 0))
        mark_smallest(ranks, able, hits, hit)
        if edit == SWAP:
            for w in range(words - 1):
                if hit[w]:
                    order[w], order[w + 1] = order[w + 1], order[w]
        spans = (places, first, last)
        o = _write(k0, k1, edit, codes, kinds, spans, n, words, order, hit, signs, out, o)
        ends[i + 1] = o
    return o


@njit(inline="always")
def _can(edit, first, last, words, w):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    """Whether this edit can hit a word."""
    if edit == SWAP:
        return w + 1 < words
    if edit == SPACING:
        return last[w] - first[w] > 1 or (w > 0 and first[w] > last[w - 1])
    return True


@njit(inline="always")
def _write(k0, k1, edit, codes, kinds, spans, n, words, order, hit, signs, out, o):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    """Write one text: the white space of the clean text, and between it what became of the words.

    A word that goes takes the white space before it along, but the text keeps how it began.
    """
    places, first, last = spans
    written = 0
    before = places[0]
    for w in range(words):
        gone = hit[w] and edit in (DELETE, TRUNCATE)
        joined = hit[w] and edit == SPACING and _joins(k0, k1, first, last, w)
        if w == 0 or (written and not gone and not joined):
            o = copy(codes, before, places[first[w]], out, o)
        before = places[last[w]]
        if gone:
            continue
        written += 1
        v = order[w]
        begin, end = places[first[v]], places[last[v]]
        if hit[w] and edit == REVERSE:
            opening = signs[1] if kinds[begin] & _LEFTWARD != 0 else signs[0]
            o = put(opening, out, o)
            for g in range(last[v] - 1, first[v] - 1, -1):
                o = copy(codes, places[g], places[g + 1], out, o)
            o = put(signs[2], out, o)
        elif hit[w] and edit == SPACING and not joined:
            middle = places[first[v] + 1 + below(word(k0, k1, _OTHER, w), last[v] - first[v] - 1)]
            o = copy(codes, begin, middle, out, o)
            o = put(_BLANK, out, o)
            o = copy(codes, middle, end, out, o)
        elif hit[w] and edit == MASKED:
            o = put(signs[0], out, o)
        else:
            if hit[w] and edit not in (SWAP, SPACING):
                random = word(k0, k1, _CHOICE, w)
                o = _precede(random, edit, codes, spans, words, w, signs, out, o)
                if kinds[begin] & _ALONE == 0:  # no blanks in scripts that have none
                    o = put(_BLANK, out, o)
            o = copy(codes, begin, end, out, o)
    return copy(codes, before, places[n], out, o)


@njit(inline="always")
def _precede(random, edit, codes, spans, words, w, signs, out, o):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    """Write what comes before a hit word: a sign, the word itself, or another word of the text."""
    if edit == MARK:
        return put(signs[below(random, signs.size)], out, o)
    places, first, last = spans
    v = below(random, words) if edit == INSERT else w
    return copy(codes, places[first[v]], places[last[v]], out, o)


@njit(inline="always")
def _joins(k0, k1, first, last, w):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    """Whether spoilt spacing joins a word with the one before it, rather than splits it."""
    if w == 0 or first[w] == last[w - 1]:
        return False
    return last[w] - first[w] == 1 or below(word(k0, k1, _CHOICE, w), 2) == 0
