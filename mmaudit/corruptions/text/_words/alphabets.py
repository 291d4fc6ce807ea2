"""Which letters belong together: any of an alphabet may take another's place, with its case."""

import json
from functools import cache

import numpy as np
import regex

from mmaudit.corruptions.text._words.tables import CodeTable, read, table

LATIN = "abcdefghijklmnopqrstuvwxyz"
_LAST = 0x33480  # past the last block of Han


@cache
def letters() -> CodeTable:
    """The other letters of the alphabet of each letter, or digits of each digit.

    A letter of a script that is not listed gets Latin letters, as a keyboard in the wrong layout
    gives.
    """
    alphabets = json.loads(read("alphabets.json"))
    listed = [LATIN, *(alphabet["letters"] for alphabet in alphabets)]
    index = np.full(_LAST + 1, -1, np.int32)
    every = "".join(map(chr, (*range(0xD800), *range(0xE000, _LAST))))
    index[[ord(letter) for letter in regex.findall(r"[\p{L}\p{Nd}]", every)]] = 0
    for row, alphabet in enumerate(alphabets, start=1):
        for low, high in alphabet["ranges"]:
            inside = index[ord(low) : ord(high) + 1]
            inside[inside == 0] = row
    own = [(letter, letters.replace(letter, "")) for letters in listed for letter in letters]
    rows = [*listed, *(others for _, others in own)]
    cells = np.zeros((len(rows), max(map(len, rows)), 2), np.uint32)
    for row, others in enumerate(rows):
        cells[row, : len(others), 0] = np.frombuffer(others.encode("utf-32-le"), "<u4")
    index[[ord(letter) for letter, _ in own]] = np.arange(len(listed), len(rows))
    return CodeTable(index, np.array([len(others) for others in rows], np.int64), cells)


@cache
def digits() -> CodeTable:
    """The other digits of each digit in its own script; none turns into zero."""
    every = regex.findall(r"\p{Nd}", "".join(map(chr, range(0xD800))))
    others = {}
    for zero in range(0, len(every), 10):  # decimal digits come in tens, in order
        ten = every[zero : zero + 10]
        others.update({digit: [other for other in ten[1:] if other != digit] for digit in ten})
    return table(others)


@cache
def other_case() -> CodeTable:
    """The other case of each letter that has two."""
    every = (chr(code) for code in range(0x1E944) if not 0xD800 <= code < 0xE000)
    return table({c: [c.swapcase()] for c in every if c.swapcase() != c})
