"""Others: what the texts of a dataset say of one of them, which does not count for itself.

Copies of a text are not others: what a text says a second time says nothing new of it. Counts are
kept in a table by hash, so that memory does not go with the length of the texts.
"""

import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from hashlib import blake2b

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
        counts: By slot, ``(SLOTS,)``.
        texts: Digests of the texts.
        grams: The slots of a text, one for each time that it counts.
    """

    counts: Ints
    texts: frozenset[bytes]
    grams: Grams

    def counts_without(self, text: Text) -> tuple[Ints, Ints]:
        """Slots of a text, ``(n,)``, and how often each is counted in the others, ``(n,)``."""
        slots = self.grams(text)
        counts = self.counts[slots]
        if digest(text) in self.texts:
            _, place, own = np.unique(slots, return_inverse=True, return_counts=True)
            counts = counts - own[place]
        return slots, counts


def count(texts: Iterable[Text], grams: Grams) -> Others:
    """Count the n-grams of the different ones of some texts."""
    counts = np.zeros(SLOTS, np.int64)
    digests = set[bytes]()
    for text in different(texts, digests):
        slots, times = np.unique(grams(text), return_counts=True)
        counts[slots] += times
    return Others(counts, frozenset(digests), grams)


def different(texts: Iterable[Text], digests: set[bytes]) -> Iterator[Text]:
    """Each text once; the digests of all of them are added to a set."""
    for text in texts:
        own = digest(text)
        if own not in digests:
            digests.add(own)
            yield text


def once_each(grams: Iterable[str]) -> Ints:
    """The slots of n-grams, each of which counts once in a text."""
    slots = {zlib.crc32(_bytes(gram)) % SLOTS for gram in grams}
    return np.array(sorted(slots), np.int64)


def digest(text: Text) -> bytes:
    """What texts share that are the same, and no others."""
    return blake2b(_bytes(text.text), digest_size=16).digest()


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")
