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
from mmaudit.checks.text._others import FEWEST, SLOTS, different
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
        _count(_characters(text), grams, contexts)
    return Spelling(grams, contexts, frozenset(digests))


def measure(text: Text, spelling: Spelling) -> float:
    """Bits a character; NaN without words."""
    if not text.words:
        return math.nan
    own = text.digest in spelling.texts
    return float(_surprise(_characters(text), spelling.grams, spelling.contexts, own))


def _characters(text: Text) -> NDArray[np.uint32]:
    """Code points of its words in lower case, a space between them."""
    line = f"  {' '.join(text.words)} ".ljust(LENGTH)
    return np.frombuffer(line.encode("utf-32-le", "surrogatepass"), np.uint32)


@kernel
def _slots(characters: NDArray[np.uint32], length: int) -> Ints:
    """The slot of the beginning of each sequence of `LENGTH` characters, ``(n,)``."""
    slots = np.empty(len(characters) - LENGTH + 1, np.int64)
    for start in range(len(slots)):
        mixed = np.uint64(0)
        for step in range(length):
            mixed = mixed * PRIME + np.uint64(characters[start + step])
        slots[start] = np.int64((mixed * PRIME) >> SHIFT)
    return slots


@kernel
def _count(characters: NDArray[np.uint32], grams: Ints, contexts: Ints) -> None:
    for slot in _slots(characters, LENGTH):
        grams[slot] += 1
    for slot in _slots(characters, LENGTH - 1):
        contexts[slot] += 1


@kernel
def _counts(slots: Ints, counts: Ints, own: bool) -> Ints:  # noqa: FBT001  kernels have no names
    """How often each slot is counted, ``(n,)``; without these themselves, if they were counted."""
    others = counts[slots]
    if own:
        order = np.argsort(slots)
        first = 0
        for last in range(len(order)):
            if last + 1 == len(order) or slots[order[last + 1]] != slots[order[first]]:
                for place in order[first : last + 1]:
                    others[place] -= last + 1 - first
                first = last + 1
    return others


@kernel
def _surprise(characters: NDArray[np.uint32], grams: Ints, contexts: Ints, own: bool) -> float:  # noqa: FBT001
    """Mean of the surprise of each character, in bits."""
    of_grams = _counts(_slots(characters, LENGTH), grams, own)
    of_contexts = _counts(_slots(characters, LENGTH - 1), contexts, own)
    total = 0.0
    for gram, context in zip(of_grams, of_contexts):  # noqa: B905  numba knows no strict
        total -= math.log2((gram + SMOOTHING) / (context + SMOOTHING * ALPHABET))
    return total / len(of_grams)


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
