"""Odd spelling: sequences of letters that the other texts of the dataset hardly have.

The mean surprise of a character under a model of the other texts: -log₂ of its share after the
same three, each pair of counts with .05 more on 128 characters.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mmaudit.arrays import Ints
from mmaudit.checks.base import QualityCheck
from mmaudit.checks.text._others import FEWEST, SLOTS, different, digest
from mmaudit.checks.text._words import Text, words
from mmaudit.kernels import kernel

LENGTH = 4
SMOOTHING, ALPHABET = 0.05, 128
PRIME = np.uint64(0x9E3779B97F4A7C15)  # of Fibonacci hashing
SHIFT = np.uint64(64 - (SLOTS.bit_length() - 1))


@dataclass(frozen=True, slots=True)
class Spelling:
    """How often characters follow each other in the texts of a dataset, that are all different.

    Attributes:
        grams: Counts of four characters, by slot, ``(SLOTS,)``.
        contexts: Counts of the first three of each, likewise.
        texts: Digests of the texts.
    """

    grams: Ints
    contexts: Ints
    texts: frozenset[bytes]


def learn(texts: Iterable[Text]) -> Spelling:
    """Count sequences of four characters and the three that they begin with."""
    grams, contexts = np.zeros(SLOTS, np.int64), np.zeros(SLOTS, np.int64)
    digests = set[bytes]()
    for text in different(texts, digests):
        characters = _characters(text)
        _add(_slots(characters, LENGTH), grams)
        _add(_slots(characters[:-1], LENGTH - 1), contexts)
    return Spelling(grams, contexts, frozenset(digests))


def measure(text: Text, spelling: Spelling) -> float:
    """Bits a character; NaN without words."""
    if not text.words:
        return math.nan
    characters = _characters(text)
    own = digest(text) in spelling.texts
    grams = _counts(_slots(characters, LENGTH), spelling.grams, own=own)
    contexts = _counts(_slots(characters[:-1], LENGTH - 1), spelling.contexts, own=own)
    shares = (grams + SMOOTHING) / (contexts + SMOOTHING * ALPHABET)
    return float(-np.log2(shares).mean())


def _characters(text: Text) -> NDArray[np.uint32]:
    """Code points of its words in lower case, a space between them."""
    line = f"  {' '.join(text.words)} ".ljust(LENGTH)
    return np.frombuffer(line.encode("utf-32-le", "surrogatepass"), np.uint32)


@kernel
def _slots(characters: NDArray[np.uint32], length: int) -> Ints:
    """The slot of each sequence of some length, ``(n,)``."""
    slots = np.empty(len(characters) - length + 1, np.int64)
    for start in range(len(slots)):
        mixed = np.uint64(0)
        for step in range(length):
            mixed = mixed * PRIME + np.uint64(characters[start + step])
        slots[start] = np.int64((mixed * PRIME) >> SHIFT)
    return slots


@kernel
def _add(slots: Ints, counts: Ints) -> None:
    for slot in slots:
        counts[slot] += 1


def _counts(slots: Ints, counts: Ints, *, own: bool) -> Ints:
    """How often each slot is counted, ``(n,)``; without these themselves, if they were counted."""
    others = counts[slots]
    if own:
        _subtract_own(slots, others)
    return others


@kernel
def _subtract_own(slots: Ints, counts: Ints) -> None:
    """Take from the count of each slot how often it is among the slots."""
    order = np.argsort(slots)
    first = 0
    for last in range(len(order)):
        if last + 1 == len(order) or slots[order[last + 1]] != slots[order[first]]:
            for place in order[first : last + 1]:
                counts[place] -= last + 1 - first
            first = last + 1


CHECK = QualityCheck(
    view=words,
    measure=measure,
    unit="bits a character",
    bad="high",
    source="character n-grams: Shannon 1951, doi:10.1002/j.1538-7305.1951.tb01366.x; additive "
    "smoothing, the text itself left out: ours",
    finding="oddly spelt",
    suggestion="look for misspellings, other languages and damaged text",
    sees=(
        "text/misspelling",
        "text/char_delete",
        "text/char_insert",
        "text/char_substitute",
        "text/char_swap",
        "text/keyboard",
        "text/ocr",
        "text/homoglyph",
    ),
    learn=learn,
    fewest=FEWEST,
)
