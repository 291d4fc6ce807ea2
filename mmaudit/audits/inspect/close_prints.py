"""Close fingerprints: pairs of them among many, of which few are in memory at a time.

Keys are worked out some bands at a time, and the fingerprints of pairs that share a key are read
once more. Few fingerprints are held altogether, which is quicker.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mmaudit.arrays import Bools, Ints, Keys, Prints
from mmaudit.fingerprints.base import Fingerprint
from mmaudit.measures.data.copies import candidates

HELD, KEYS = 2**26, 2**25  # bytes of fingerprints, and of their keys, that are held at most
AT_ONCE = 4_096  # fingerprints whose keys are made at a time
CLOSE_AT_ONCE = 100_000  # pairs

Blocks = Callable[[], Iterator[Prints]]


@dataclass(frozen=True, slots=True)
class Close:
    """The fingerprints of a modality.

    Attributes:
        fingerprint: How they are compared.
        blocks: Reads all of them, ``(some, byte)`` at a time.
        count: How many there are.
        held: Bytes of fingerprints that are held at most.
        keys: Bytes of their keys, at most; those of one band are held whatever they take.
    """

    fingerprint: Fingerprint
    blocks: Blocks
    count: int
    held: int = HELD
    keys: int = KEYS

    def pairs(self) -> Ints:
        """Pairs of them that are close, ``(pair, 2)``, each once."""
        first = next(iter(self.blocks()), np.zeros((0, 0), np.uint8))
        if self.count < 2 or not first.size:
            return np.zeros((0, 2), np.int64)
        if self.count * first.shape[1] <= self.held and len(first) < self.count:
            held = self._filled(lambda block: block)
            return Close(self.fingerprint, lambda: iter((held,)), self.count).pairs()
        n, pairs = self.count, np.zeros(0, np.int64)
        at_once = max(1, min(CLOSE_AT_ONCE, self.held // (2 * first.shape[1])))
        for some in _gathered(self._candidates(first), n, at_once):
            close = some[self._are_close(*np.divmod(some, n))]
            pairs = np.union1d(pairs, close)  # a pair may share a key in several bands
        return np.stack(np.divmod(pairs, n), axis=1)

    def _candidates(self, first: Prints) -> Iterator[tuple[Ints, Ints]]:
        bands = self.fingerprint.stored(first[:1]).shape[1]
        windows = self.fingerprint.wanted(first[:1]).shape[1]
        step = max(1, self.keys // (8 * self.count * (1 + windows)))
        for start in range(0, bands, step):
            some = slice(start, start + step)
            yield from candidates(
                self._filled(partial(_keys, self.fingerprint.stored, some)),
                self._filled(partial(_keys, self.fingerprint.wanted, some)),
            )

    def _filled(self, of: Callable[[Prints], NDArray[Any]]) -> NDArray[Any]:
        """What is made of all of them, of some at a time, as one array."""
        starts = ((block, at) for block in self.blocks() for at in range(0, len(block), AT_ONCE))
        stop, one = 0, of(next(self.blocks())[:1])
        filled = np.empty((self.count, *one.shape[1:]), one.dtype)
        for block, at in starts:
            own = of(block[at : at + AT_ONCE])
            filled[stop : stop + len(own)] = own
            stop += len(own)
        return filled

    def _are_close(self, one: Ints, other: Ints) -> Bools:
        rows, at = np.unique(np.concatenate([one, other]), return_inverse=True)
        places = at.reshape(2, -1)
        return self.fingerprint.close(self._taken(rows), places[0], places[1])

    def _taken(self, rows: Ints) -> Prints:
        """Some of them, at rising positions ``(m,)``."""
        taken, start = [], 0
        for block in self.blocks():
            low, high = np.searchsorted(rows, [start, start + len(block)])
            taken.append(block[rows[low:high] - start])
            start += len(block)
        return np.concatenate(taken)


def _keys(make: Callable[[Prints], Keys], bands: slice, prints: Prints) -> Keys:
    return make(prints)[..., bands]


def _gathered(candidates: Iterator[tuple[Ints, Ints]], n: int, at_once: int) -> Iterator[Ints]:
    """Pairs as single numbers, many at a time: all fingerprints are read for those of one time."""
    waiting = np.zeros(0, np.int64)
    for one, other in candidates:
        waiting = np.union1d(waiting, one * n + other)
        while waiting.size >= at_once:
            yield waiting[:at_once]
            waiting = waiting[at_once:]
    if waiting.size:
        yield waiting
