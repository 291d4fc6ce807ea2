"""Words are hit: a share of the words is dropped, doubled, moved, masked or gets company."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numba import njit, uint32
from numpy.typing import NDArray

from mmaudit.corruptions._text import choose
from mmaudit.corruptions._text.choose import below, count, mark_smallest, rank, segment, word
from mmaudit.corruptions._text.flat import ALONE, flatten, unflatten
from mmaudit.seeds import MASK, Words

DELETE, REPEAT, SWAP, INSERT, MASKED, MARK, TRUNCATE, REVERSE = range(8)
_ALONE, _BLANK = np.uint8(ALONE), np.uint32(32)
_ROUND_WORDS, _PICK_WORDS, _CHOICE = choose.ROUND_WORDS, choose.PICK_WORDS, choose.CHOICE


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
            end, or ``REVERSE`` the characters between two signs.
        signs: The signs that ``MASKED``, ``MARK`` (one is drawn) and ``REVERSE`` (both) put.
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
        able = words - 1 if edit == SWAP else words
        for w in range(words):
            hit[w], order[w] = 0, w
            random = np.uint64(words - w) if edit == TRUNCATE else word(k0, k1, _PICK_WORDS, w)
            ranks[w] = rank(random, w)
        if able > 0:
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
def _write(k0, k1, edit, codes, kinds, spans, n, words, order, hit, signs, out, o):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    """Write one text: the white space of the clean text, and between it what became of the words.

    A word that goes takes the white space before it along, but the text keeps how it began.
    """
    places, first, last = spans
    written = 0
    before = places[0]
    for w in range(words):
        gone = hit[w] and edit in (DELETE, TRUNCATE)
        if w == 0 or (written and not gone):
            o = _copy(codes, before, places[first[w]], out, o)
        before = places[last[w]]
        if gone:
            continue
        written += 1
        v = order[w]
        begin, end = places[first[v]], places[last[v]]
        if hit[w] and edit == REVERSE:
            o = _reverse(codes, places, first[v], last[v], signs, out, o)
        elif hit[w] and edit == MASKED:
            o = _put(signs[0], out, o)
        else:
            if hit[w] and edit != SWAP:
                random = word(k0, k1, _CHOICE, w)
                o = _precede(random, edit, codes, spans, words, w, signs, out, o)
                if kinds[begin] & _ALONE == 0:  # no blanks in scripts that have none
                    o = _put(_BLANK, out, o)
            o = _copy(codes, begin, end, out, o)
    return _copy(codes, before, places[n], out, o)


@njit(inline="always")
def _precede(random, edit, codes, spans, words, w, signs, out, o):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    """Write what comes before a hit word: a sign, the word itself, or another word of the text."""
    if edit == MARK:
        return _put(signs[below(random, signs.size)], out, o)
    places, first, last = spans
    v = below(random, words) if edit == INSERT else w
    return _copy(codes, places[first[v]], places[last[v]], out, o)


@njit(inline="always")
def _reverse(codes, places, first, last, signs, out, o):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    """Write the graphemes of a word from last to first between two signs."""
    o = _put(signs[0], out, o)
    for g in range(last - 1, first - 1, -1):
        o = _copy(codes, places[g], places[g + 1], out, o)
    return _put(signs[1], out, o)


@njit(inline="always")
def _copy(source, begin, end, out, o):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    for j in range(begin, end):
        o = _put(source[j], out, o)
    return o


@njit(inline="always")
def _put(code, out, o):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    if o < out.size:
        out[o] = code
    return o + 1
