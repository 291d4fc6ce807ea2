"""Words are hit: a share of the words is dropped, doubled, moved, masked or gets company."""

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
from mmaudit.corruptions._text.flat import ALONE, LEFTWARD
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
GRID = tuple(Share(share) for share in (0.05, 0.1, 0.15, 0.2, 0.25))


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
        signs = np.array([ord(sign) for sign in self.signs] or [0], np.uint32)
        how = (self.edit, severity.share, signs)
        return rewritten(
            clean, keys, lambda flat, k, out, ends: _edit(*flat.arrays, k, *how, out, ends)
        )


@njit(cache=True, nogil=True)
def _edit(codes, offsets, starts, kinds, keys, edit, share, signs, out, ends):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    longest = 1
    for i in range(keys.size):
        longest = max(longest, offsets[i + 1] - offsets[i])
    places = np.empty(longest + 1, np.int64)
    first, last = np.empty(longest + 1, np.int64), np.empty(longest + 1, np.int64)
    order, ranks = np.empty(longest, np.int64), np.empty(longest, np.uint64)
    hit = np.empty(longest, np.uint8)
    o = 0
    ends[0] = 0
    for i in range(keys.size):
        k0, k1 = uint32(keys[i] & np.uint64(MASK)), uint32(keys[i] >> np.uint64(32))
        n, words = segment(codes, starts, kinds, offsets[i], offsets[i + 1], places, first, last)
        able = 0
        four = four_words(k0, k1, _PICK_WORDS, 0)
        for w in range(words):
            if w & 3 == 0:
                four = four_words(k0, k1, _PICK_WORDS, w)
            hit[w] = 0
            before = last[w - 1] if w > 0 else first[w]
            if _can(edit, w + 1 < words, last[w] - first[w], first[w] - before):
                # what is cut off is cut off from the end
                ranks[able] = rank(words - w if edit == TRUNCATE else four[w & 3], w)
                able += 1
        mark_smallest(ranks, able, count(able, share, word(k0, k1, _ROUND_WORDS, 0)), hit)
        if edit == SWAP:
            o = _write_swapped(codes, places, first, last, n, words, order, hit, out, o)
        elif edit in (DELETE, TRUNCATE):
            o = _write_rest(codes, places, first, last, n, words, hit, out, o)
        elif edit == SPACING:
            o = _write_spaced(k0, k1, codes, places, first, last, n, words, hit, out, o)
        else:
            o = _write(
                k0, k1, edit, codes, kinds, places, first, last, n, words, hit, signs, out, o
            )
        ends[i + 1] = o
    return o


@njit(inline="always")
def _can(edit, followed, length, blanks):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    """Whether this edit can hit a word, from its length and the white space before it."""
    if edit == SWAP:
        return followed
    return edit != SPACING or length > 1 or blanks > 0


@njit(nogil=True)
def _write_rest(codes, places, first, last, n, words, hit, out, o):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    """Write one text without the words that are hit.

    A word takes the white space before it along; the first of the text takes that after it.
    """
    kept, gone = places[0], 0
    for w in range(words):
        if hit[w]:
            led = w == gone
            upto = places[first[w]] if led else places[last[w - 1]]
            for j in range(kept, upto):
                if o < out.size:
                    out[o] = codes[j]
                o += 1
            kept = places[first[w + 1]] if led and w + 1 < words else places[last[w]]
            gone += 1
    return copy(codes, kept, places[n], out, o)


@njit(nogil=True)
def _write_spaced(k0, k1, codes, places, first, last, n, words, hit, out, o):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    """Write one text with hit words joined with the one before, or broken by a blank."""
    kept = places[0]
    for w in range(words):
        if hit[w]:
            length, blanks = last[w] - first[w], 0
            if w > 0:
                blanks = first[w] - last[w - 1]
            coin = below(word(k0, k1, _CHOICE, w), 2)
            if blanks > 0 and (length == 1 or coin == 0):
                o = copy(codes, kept, places[last[w - 1]], out, o)
                kept = places[first[w]]
            else:
                inside = first[w] + 1 + below(word(k0, k1, _OTHER, w), length - 1)
                o = put(_BLANK, out, copy(codes, kept, places[inside], out, o))
                kept = places[inside]
    return copy(codes, kept, places[n], out, o)


@njit(nogil=True)
def _write(k0, k1, edit, codes, kinds, places, first, last, n, words, hit, signs, out, o):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    """Write one text with what replaces or precedes the words that are hit."""
    kept = places[0]
    for w in range(words):
        if hit[w]:
            begin, end = places[first[w]], places[last[w]]
            kind = kinds[codes[begin]]
            o = copy(codes, kept, begin, out, o)
            kept = end if edit in (MASKED, REVERSE) else begin
            random = word(k0, k1, _CHOICE, w)
            if edit == MASKED:
                o = put(signs[0], out, o)
            elif edit == REVERSE:
                o = put(signs[1] if kind & _LEFTWARD != 0 else signs[0], out, o)
                for g in range(last[w] - 1, first[w] - 1, -1):
                    o = copy(codes, places[g], places[g + 1], out, o)
                o = put(signs[2], out, o)
            elif edit == MARK:
                o = put(signs[below(random, signs.size)], out, o)
            else:
                v = below(random, words) if edit == INSERT else w
                o = copy(codes, places[first[v]], places[last[v]], out, o)
            if kept == begin and kind & _ALONE == 0:  # scripts without blanks get none
                o = put(_BLANK, out, o)
    return copy(codes, kept, places[n], out, o)


@njit(nogil=True)
def _write_swapped(codes, places, first, last, n, words, order, hit, out, o):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    """Write one text with hit words and the ones after them in turn, from left to right."""
    for w in range(words):
        order[w] = w
    for w in range(words - 1):
        if hit[w]:
            order[w], order[w + 1] = order[w + 1], order[w]
    kept = places[0]
    for w in range(words):
        v = order[w]
        if v != w:
            o = copy(codes, kept, places[first[w]], out, o)
            o = copy(codes, places[first[v]], places[last[v]], out, o)
            kept = places[last[w]]
    return copy(codes, kept, places[n], out, o)
