"""Close fingerprints: pairs of them among many, of which few are in memory at a time.

Keys are worked out once, laid out on disk band by band, and read one band at a time; the
fingerprints of pairs that share a key are read once more. Few fingerprints are held altogether,
which is quicker.
"""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from tempfile import TemporaryFile, gettempdir
from typing import BinaryIO

import numpy as np

from mmaudit.arrays import Bools, Ints, Keys, Prints
from mmaudit.errors import MissingError
from mmaudit.fingerprints.base import Fingerprint
from mmaudit.measures.data.copies import candidates

HELD = 2**24  # bytes of fingerprints that are held at most
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
        held: Bytes of fingerprints that are held at most, beside the keys of one band.
    """

    fingerprint: Fingerprint
    blocks: Blocks
    count: int
    held: int = HELD

    def pairs(self) -> Ints:
        """Pairs of them that are close, ``(pair, 2)``, each once."""
        first = next(iter(self.blocks()), np.zeros((0, 0), np.uint8))
        if self.count < 2 or not first.size:
            return np.zeros((0, 2), np.int64)
        if self.count * first.shape[1] <= self.held and len(first) < self.count:
            held = self._whole(first.shape[1])
            return Close(self.fingerprint, lambda: iter((held,)), self.count).pairs()
        n, pairs = self.count, np.zeros(0, np.int64)
        at_once = max(1, min(CLOSE_AT_ONCE, self.held // (2 * first.shape[1])))
        for some in _gathered(self._candidates(first), n, at_once):
            close = some[self._are_close(*np.divmod(some, n))]
            pairs = np.union1d(pairs, close)  # a pair may share a key in several bands
        return np.stack(np.divmod(pairs, n), axis=1)

    def _candidates(self, first: Prints) -> Iterator[tuple[Ints, Ints]]:
        bands = self.fingerprint.stored(first[:1]).shape[1]
        with TemporaryFile() as one, TemporaryFile() as other:
            stored, wanted = KeyFile(one, self.count), KeyFile(other, self.count)
            start = 0
            for some in self._pieces():
                stored.put(start, self.fingerprint.stored(some))
                wanted.put(start, self.fingerprint.wanted(some))
                start += len(some)
            for band in range(bands):
                yield from candidates(stored.band(band), wanted.band(band))

    def _pieces(self) -> Iterator[Prints]:
        for block in self.blocks():
            for at in range(0, len(block), AT_ONCE):
                yield block[at : at + AT_ONCE]

    def _whole(self, width: int) -> Prints:
        """All of them, ``(n, byte)``."""
        whole, start = np.empty((self.count, width), np.uint8), 0
        for block in self.blocks():
            whole[start : start + len(block)] = block
            start += len(block)
        return whole

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


class KeyFile:
    """Keys of many values, laid out band by band in a temporary file."""

    def __init__(self, file: BinaryIO, count: int) -> None:
        """Begin.

        Args:
            file: The file.
            count: How many values there are.
        """
        self._file, self._count, self._shape = file, count, tuple[int, ...]()

    def put(self, start: int, keys: Keys) -> None:
        """Lay down the keys of some values, ``(some, …, band)``, from a position on.

        Raises:
            MissingError: There is no room for them.
        """
        *_, bands = keys.shape
        self._shape = keys.shape[1:-1]
        try:
            for band in range(bands):
                self._file.seek(self._bytes * (band * self._count + start))
                self._file.write(np.ascontiguousarray(keys[..., band]).data)
        except OSError as error:
            raise MissingError(
                f"no room to lay out the keys of copies: {error}",
                where=gettempdir(),
                fix="set TMPDIR to a folder with more space, or --exact",
            ) from error

    def band(self, band: int) -> Keys:
        """The keys of all values in one band, ``(n, …, 1)``."""
        self._file.seek(self._bytes * band * self._count)
        keys = np.frombuffer(self._file.read(self._bytes * self._count), np.uint64)
        return keys.reshape(self._count, *self._shape, 1)

    @property
    def _bytes(self) -> int:
        """Of the keys of a value in one band."""
        return 8 * math.prod(self._shape)


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
