"""Lists of words and what each may turn into, as compiled code looks them up."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numba import njit, uint32, uint64
from numpy.typing import NDArray

from mmaudit.corruptions.text._words.tables import read
from mmaudit.kernels import kernel

_TO_LOWER = np.zeros(0x431, np.uint32)  # what turns a capital into a small letter
for _first, _last in ((65, 90), (0xC0, 0xD6), (0xD8, 0xDE), (0x391, 0x3A9), (0x410, 0x42F)):
    _TO_LOWER[_first : _last + 1] = 32
START, _PRIME = np.uint64(0xCBF29CE484222325), np.uint64(0x100000001B3)


@dataclass(frozen=True, slots=True)
class Lexicon:
    """A list of words and what each may turn into.

    Attributes:
        slots: The words by the lowest bits of their hashes, each where those bits say or at the
            next free place, -1 where there is none, ``(a power of 2,)``.
        hashes: Hash of each word, sorted, ``(words,)``.
        sizes: How many replacements each has, ``(words,)``.
        cells: The replacements, ended by zeros, ``(words, most replacements, longest + 1)``.
    """

    slots: NDArray[np.int64]
    hashes: NDArray[np.uint64]
    sizes: NDArray[np.int64]
    cells: NDArray[np.uint32]

    @property
    def arrays(self) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any], NDArray[Any]]:
        """The four arrays in order, for compiled code."""
        return self.slots, self.hashes, self.sizes, self.cells


def codes_of(text: str) -> NDArray[np.uint32]:
    """Code points of a text."""
    return np.array(list(map(ord, text)), np.uint32)


def lexicon(replacements: Mapping[str, Iterable[str]]) -> Lexicon:
    """A lexicon from a mapping of lower-case words; an empty replacement takes the word away."""
    distinct = {
        key: [v for v in dict.fromkeys(values) if v != key] for key, values in replacements.items()
    }
    with np.errstate(over="ignore"):  # the hash wraps
        rows = sorted(
            (int(_hash(codes_of(key))), values) for key, values in distinct.items() if values
        )
    if len({value for value, _ in rows}) < len(rows):
        raise ValueError("two words of the list have one hash")
    most = max(len(values) for _, values in rows)
    longest = max(len(value) for _, values in rows for value in values)
    cells = np.zeros((len(rows), most, longest + 1), np.uint32)
    for row, (_, values) in enumerate(rows):
        for column, value in enumerate(values):
            cells[row, column, : len(value)] = codes_of(value)
    sizes = np.array([len(values) for _, values in rows], np.int64)
    hashes = [value for value, _ in rows]
    return Lexicon(_slots(hashes), np.array(hashes, np.uint64), sizes, cells)


def _slots(hashes: list[int]) -> NDArray[np.int64]:
    slots = np.full(4 << len(hashes).bit_length(), -1, np.int64)  # mostly free: found at once
    for row, value in enumerate(hashes):
        slot = value % slots.size
        while slots[slot] >= 0:
            slot = (slot + 1) % slots.size
        slots[slot] = row
    return slots


@kernel
def _hash(codes: NDArray[np.uint32]) -> np.uint64:
    value = START
    for code in codes:
        value = hashed(value, code)
    return value


def read_replacements(name: str) -> dict[str, list[str]]:
    """A bundled file of lines ``word<tab>replacement<tab>…``; ``-`` takes the word away."""
    lines = (line.split("\t") for line in read(name).splitlines() if line)
    return {word: ["" if v == "-" else v for v in values] for word, *values in lines}


@njit(inline="always")
def lower(code):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    """Lower case of the basic Latin, Latin-1, Greek and Cyrillic capitals."""
    return code + _TO_LOWER[min(code, uint32(_TO_LOWER.size - 1))]


@njit(inline="always")
def upper(code):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    """Capital of a basic Latin, Latin-1 or Cyrillic letter."""
    small = 97 <= code <= 122 or (0xE0 <= code <= 0xFE and code != 0xF7) or 0x430 <= code <= 0x44F
    return code - uint32(32) if small else code


@njit(inline="always")
def hashed(value, code):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    """64-bit FNV-1a of a word and one more code point, in lower case; begins with ``START``."""
    return (value ^ uint64(lower(code))) * _PRIME
