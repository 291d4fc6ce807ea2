"""Others: what the texts of a dataset say of one of them, which does not count for itself.

Copies of a text are not others: what a text says a second time says nothing new of it. Counts are
kept in a table by hash, so that memory does not go with the length of the texts.
"""

import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from mmaudit.arrays import Ints
from mmaudit.checks.text._words import Text

SLOTS = 1 << 22  # two of a few hundred thousand n-grams rarely share one
FEWEST = 200  # texts, below which what stands in no other says nothing

Grams = Callable[[Text], Ints]


@dataclass(frozen=True, slots=True)
class Others:
    """Counts of n-grams over texts that are all different.

    Attributes:
        counts: In how many texts there is one of each slot, ``(SLOTS,)``.
        texts: Digests of the texts.
        grams: The slots of a text, each once.
    """

    counts: Ints
    texts: frozenset[bytes]
    grams: Grams

    def counts_without(self, text: Text) -> Ints:
        """In how many of the others there is each n-gram of a text, ``(n,)``."""
        counts = self.counts[self.grams(text)]
        return counts - 1 if text.digest in self.texts else counts


def count(texts: Iterable[Text], grams: Grams) -> Others:
    """Count the n-grams of the different ones of some texts."""
    counts = np.zeros(SLOTS, np.int64)
    digests = set[bytes]()
    for text in different(texts, digests):
        counts[grams(text)] += 1
    return Others(counts, frozenset(digests), grams)


def different(texts: Iterable[Text], digests: set[bytes]) -> Iterator[Text]:
    """Each text once; the digests of all of them are added to a set."""
    for text in texts:
        if text.digest not in digests:
            digests.add(text.digest)
            yield text


def once_each(slots: Iterable[int]) -> Ints:
    """Slots, each of which counts once in a text."""
    return np.array(list(set(slots)), np.int64)


def slot(gram: bytes) -> int:
    """The slot of an n-gram, in UTF-8."""
    return zlib.crc32(gram) % SLOTS
