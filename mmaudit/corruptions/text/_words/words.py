"""Words are hit: a share of the words is dropped, doubled, moved, masked or gets company."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numba import njit

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
from mmaudit.corruptions.text._words.flat import ALONE, LEFTWARD
from mmaudit.corruptions.text._words.writing import copy, put
from mmaudit.kernels import kernel

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
class WordEdit(Edit[Share]):
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

    def rewrite(self, severity: Share) -> Rewrite:
        """Hit words of texts that are laid out flat."""
        signs = np.array([ord(sign) for sign in self.signs] or [0], np.uint32)
        how = (self.edit, severity.share, signs)
        return lambda flat, keys, rows, out, ends: _edit(*flat.arrays, keys, *how, rows, out, ends)


@kernel
def _edit(codes, offsets, starts, kinds, keys, edit, share, signs, rows, out, ends):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    places, first, last, _, words = spans_of(codes, offsets, starts, kinds, rows)
    hit = np.zeros(words[-1] + 1, np.uint8)
    spans = (places, first, last, words)
    _pick(keys, edit, share, spans, np.empty(longest(words), np.uint64), hit)
    if edit == SWAP:
        return _write_swapped(codes, offsets, spans, hit, out, ends)
    if edit in (DELETE, TRUNCATE):
        return _write_rest(codes, offsets, spans, hit, out, ends)
    if edit == SPACING:
        return _write_spaced(keys, codes, offsets, spans, hit, out, ends)
    return _write(keys, edit, codes, kinds, offsets, spans, hit, signs, out, ends)


@njit(inline="always")
def _can(edit, followed, length, blanks):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    """Whether this edit can hit a word, from its length and the white space before it."""
    if edit == SWAP:
        return followed
    return edit != SPACING or length > 1 or blanks > 0


@njit(nogil=True)
def _pick(keys, edit, share, spans, ranks, hit):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    """Choose words."""
    _, first, last, words = spans
    drawn, rounding = of_words(keys, words, _PICK_WORDS), of_texts(keys, _ROUND_WORDS)
    for t in range(keys.size):
        begin, end = words[t], words[t + 1]
        able = 0
        for w in range(begin, end):
            blanks = first[w] - last[w - 1] if w > begin else 0
            if _can(edit, w + 1 < end, last[w] - first[w], blanks):
                # what is cut off is cut off from the end
                random = end - w if edit == TRUNCATE else drawn[w]
                ranks[able] = rank(random, w - begin)
                able += 1
        hits = count(able, share, rounding[4 * t])
        mark_smallest(ranks, able, hits, hit, begin)


@njit(nogil=True)
def _write_rest(codes, offsets, spans, hit, out, ends):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    """Write the texts without the words that are hit.

    A word takes the white space before it along; the first of a text takes that after it.
    """
    places, first, last, words = spans
    o = ends[0] = 0
    for t in range(offsets.size - 1):
        resume, leading = offsets[t], words[t]
        for w in range(words[t], words[t + 1]):
            if hit[w]:
                leads = w == leading
                upto = places[first[w]] if leads else places[last[w - 1]]
                for j in range(resume, upto):
                    if o < out.size:
                        out[o] = codes[j]
                    o += 1
                after = leads and w + 1 < words[t + 1]
                resume = places[first[w + 1]] if after else places[last[w]]
                leading += 1
        o = copy(codes, resume, offsets[t + 1], out, o)
        ends[t + 1] = o
    return o


@njit(nogil=True)
def _write_spaced(keys, codes, offsets, spans, hit, out, ends):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    """Write the texts with hit words joined with the one before, or broken by a blank."""
    places, first, last, words = spans
    o = ends[0] = 0
    for t in range(keys.size):
        k0, k1 = halves(keys[t])
        resume, begin = offsets[t], words[t]
        for w in range(begin, words[t + 1]):
            if hit[w]:
                length, blanks = last[w] - first[w], first[w] - last[w - 1] if w > begin else 0
                coin = below(word(k0, k1, _CHOICE, w - begin), 2)
                if blanks > 0 and (length == 1 or coin == 0):
                    o = copy(codes, resume, places[last[w - 1]], out, o)
                    resume = places[first[w]]
                else:
                    random = word(k0, k1, _OTHER, w - begin)
                    inside = places[first[w] + 1 + below(random, length - 1)]
                    o = put(_BLANK, out, copy(codes, resume, inside, out, o))
                    resume = inside
        o = copy(codes, resume, offsets[t + 1], out, o)
        ends[t + 1] = o
    return o


@njit(nogil=True)
def _write(keys, edit, codes, kinds, offsets, spans, hit, signs, out, ends):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    """Write the texts with what replaces or precedes the words that are hit."""
    places, first, last, words = spans
    o = ends[0] = 0
    for t in range(keys.size):
        k0, k1 = halves(keys[t])
        resume, start = offsets[t], words[t]
        for w in range(start, words[t + 1]):
            if hit[w]:
                begin, end = places[first[w]], places[last[w]]
                kind = kinds[codes[begin]]
                o = copy(codes, resume, begin, out, o)
                resume = end if edit in (MASKED, REVERSE) else begin
                random = word(k0, k1, _CHOICE, w - start)
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
                    v = start + below(random, words[t + 1] - start) if edit == INSERT else w
                    o = copy(codes, places[first[v]], places[last[v]], out, o)
                if resume == begin and kind & _ALONE == 0:  # scripts without blanks get none
                    o = put(_BLANK, out, o)
        o = copy(codes, resume, offsets[t + 1], out, o)
        ends[t + 1] = o
    return o


@njit(nogil=True)
def _write_swapped(codes, offsets, spans, hit, out, ends):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    """Write the texts with hit words and the ones after them in turn, from left to right."""
    places, first, last, words = spans
    o = ends[0] = 0
    for t in range(offsets.size - 1):
        resume = offsets[t]
        moved = words[t]  # the word that stands here now
        for w in range(words[t], words[t + 1]):
            stays = w == words[t] or not hit[w - 1]
            if hit[w]:  # the next one comes before it, and it may go on
                moved = w if stays else moved
                o = copy(codes, resume, places[first[w]], out, o)
                o = copy(codes, places[first[w + 1]], places[last[w + 1]], out, o)
                resume = places[last[w]]
            elif not stays:
                o = copy(codes, resume, places[first[w]], out, o)
                o = copy(codes, places[first[moved]], places[last[moved]], out, o)
                resume = places[last[w]]
        o = copy(codes, resume, offsets[t + 1], out, o)
        ends[t + 1] = o
    return o
