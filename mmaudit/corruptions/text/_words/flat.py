r"""Texts as one flat array of code points, with where graphemes begin and what each code point is.

A unit of damage is a *grapheme*, what a reader calls a character: an accented letter, a family
emoji and a conjunct are one each. A *word* is a run of graphemes between white space; in scripts
that are written without spaces every grapheme is its own word.

References:
    Unicode Standard Annex 29, "Unicode Text Segmentation"; grapheme clusters as in ``regex``'s \X.
"""

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import regex
from numpy.typing import NDArray

from mmaudit.kernels import kernel

KNOWN, SPACE, ALONE, LETTER, DIGIT, JOINS, LEFTWARD = 1, 2, 4, 8, 16, 32, 64
CODEC = "utf-32-le"
_UNSPACED = "Han|Hiragana|Katakana|Thai|Lao|Khmer|Myanmar|Tibetan"
_PROPERTIES = (
    (SPACE, regex.compile(r"\p{White_Space}")),
    (ALONE, regex.compile("|".join(rf"\p{{Script={name}}}" for name in _UNSPACED.split("|")))),
    (LETTER, regex.compile(r"\p{L}")),
    (DIGIT, regex.compile(r"\p{Nd}")),
    (LEFTWARD, regex.compile(r"\p{Bidi_Class=R}|\p{Bidi_Class=AL}")),
    # without one of these in a text every code point is a grapheme: each rule of Annex 29 that
    # forbids a break needs one (Hangul syllables join only with the conjoining letters)
    (JOINS, regex.compile(r"[^\p{GCB=Other}\p{GCB=Control}\p{GCB=LF}\p{GCB=LV}\p{GCB=LVT}]")),
)
_kinds = np.zeros(0x110000, np.uint8)  # filled as code points are met: always the same values


@dataclass(frozen=True, slots=True)
class Flat:
    """Many texts in one buffer; text ``i`` is ``codes[offsets[i]:offsets[i + 1]]``.

    Attributes:
        codes: Code points, ``(total,)``.
        offsets: Where each text begins and the last one ends, ``(texts + 1,)``.
        starts: 1 where a grapheme begins, ``(total,)``; empty where every code point is one.
        kinds: Properties of every code point that there is, bits of ``SPACE`` … ``LEFTWARD``,
            ``(0x110000,)``; filled for those in the texts.
    """

    codes: NDArray[np.uint32]
    offsets: NDArray[np.int64]
    starts: NDArray[np.uint8]
    kinds: NDArray[np.uint8]

    @property
    def arrays(self) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any], NDArray[Any]]:
        """The four arrays in order, for compiled code."""
        return self.codes, self.offsets, self.starts, self.kinds


def flatten(texts: list[str]) -> Flat:
    """Lay texts out in one buffer; lone surrogates are kept as they are."""
    codes = np.frombuffer("".join(texts).encode(CODEC, "surrogatepass"), "<u4")
    offsets = np.zeros(len(texts) + 1, np.int64)
    np.cumsum(np.fromiter(map(len, texts), np.int64, len(texts)), out=offsets[1:])
    unknown, joining = _survey(codes, _kinds)
    if unknown:
        unique = np.unique(codes)
        _meet(unique[_kinds[unique] == 0])
        joining = _survey(codes, _kinds)[1]
    starts = _starts(texts, codes, offsets) if joining else np.empty(0, np.uint8)
    return Flat(codes, offsets, starts, _kinds)


def unflatten(codes: NDArray[np.uint32], offsets: NDArray[np.int64]) -> list[str]:
    """The texts of a buffer."""
    if not codes.size or codes.max() < 256:  # the code points of Latin-1 are its bytes
        joined = codes.astype(np.uint8).tobytes().decode("latin-1")
    else:
        joined = codes.tobytes().decode(CODEC, "surrogatepass")
    ends = offsets.tolist()
    return [joined[a:b] for a, b in pairwise(ends)]


def graphemes(text: str) -> list[str]:
    """What a reader calls the characters of a text."""
    return regex.findall(r"\X", text)


def _meet(codes: NDArray[np.uint32]) -> None:
    for code in codes.tolist():
        character = chr(code)
        bits = (bit for bit, pattern in _PROPERTIES if pattern.fullmatch(character))
        _kinds[code] = sum(bits, start=KNOWN)


@kernel
def _survey(codes: NDArray[np.uint32], kinds: NDArray[np.uint8]) -> tuple[bool, bool]:
    """Whether there are code points not met before, and whether some may join graphemes."""
    every, some = np.uint8(KNOWN), np.uint8(0)
    for code in codes:
        every &= kinds[code]
        some |= kinds[code]
    return every == 0, some & np.uint8(JOINS) != 0


def _starts(
    texts: list[str], codes: NDArray[np.uint32], offsets: NDArray[np.int64]
) -> NDArray[np.uint8]:
    starts = np.ones(codes.size, np.uint8)
    joining = np.flatnonzero(_kinds[codes] & JOINS)
    for i in np.unique(np.searchsorted(offsets, joining, side="right") - 1).tolist():
        inside = starts[offsets[i] : offsets[i + 1]]
        inside[:] = 0
        inside[[match.start() for match in regex.finditer(r"\X", texts[i])]] = 1
    return starts
