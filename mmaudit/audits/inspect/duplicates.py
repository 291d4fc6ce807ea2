"""Copies: values that are equal or nearly so, within a split and across splits."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from mmaudit.arrays import Bools, Ints
from mmaudit.audits.inspect.contents import Contents
from mmaudit.audits.inspect.unit import CONTENT, PRINT
from mmaudit.fingerprints.base import Fingerprint
from mmaudit.measures.data.copies import candidates, groups
from mmaudit.names import ALL
from mmaudit.samples.dataset import Dataset
from mmaudit.samples.decode import column

LISTED = 20  # samples of a value, on average, from which values are words of a list


@dataclass(frozen=True, slots=True)
class Copies:
    """Copies among the values of one modality, or among whole samples.

    Attributes:
        modality: The modality; ``all`` for whole samples.
        exact: Number of the content of each sample, ``(n,)``; -1 where there is no value.
        near: Number of its group of near copies, ``(n,)``; equal values are in one group.
        searched: Whether near copies were looked for.
    """

    modality: str
    exact: Ints
    near: Ints
    searched: bool

    @property
    def different(self) -> int:
        """How many values differ by more than copies do."""
        return np.unique(self.near[self.near >= 0]).size

    @property
    def listed(self) -> bool:
        """Whether so few values stand for so many samples that they are words of a list."""
        return self.different * LISTED <= int((self.near >= 0).sum())

    def redundant(self, *, near: bool) -> Bools:
        """Which samples bring no new value: all of a group but the first, ``(n,)``."""
        number = self.near if near else self.exact
        first = np.zeros(len(number), np.bool_)
        first[np.unique(number, return_index=True)[1]] = True
        return _many(number) & ~first

    def across(self, splits: NDArray[np.str_]) -> Bools:
        """Which samples share a value, or nearly, with a sample of another split, ``(n,)``."""
        return across(self.near, splits)


def across(number: Ints, splits: NDArray[np.str_]) -> Bools:
    """Which samples have a number that a sample of another split has too, ``(n,)``; -1 is none."""
    _, split = np.unique(splits, return_inverse=True)
    there = number >= 0
    least, most = (np.full(int(number.max(initial=-1)) + 1, end) for end in (len(splits), -1))
    np.minimum.at(least, number[there], split[there])
    np.maximum.at(most, number[there], split[there])
    mixed = np.zeros(len(splits), np.bool_)
    mixed[there] = (least < most)[number[there]]
    return mixed


def whole(every: Sequence[Copies]) -> Copies:
    """Copies of whole samples: in all modalities at once, with the same ones present."""
    exact, near = (
        np.unique(np.stack(columns, axis=1), axis=0, return_inverse=True)[1].reshape(-1)
        for columns in ([c.exact for c in every], [c.near for c in every])
    )
    gone = np.all([c.exact < 0 for c in every], axis=0)
    exact, near = (np.where(gone, -1, number).astype(np.int64) for number in (exact, near))
    return Copies(ALL, exact, near, searched=any(c.searched for c in every))


def copies(modality: str, contents: Contents, fingerprint: Fingerprint | None) -> Copies:
    """Look for copies among the values of a modality.

    Args:
        modality: The modality.
        contents: What the units wrote.
        fingerprint: How near copies are found; None to look for equal values alone.
    """
    exact, first = _numbered(contents.cells(f"{modality}.{CONTENT}"))
    if fingerprint is None:
        return Copies(modality, exact, exact, searched=False)
    group = _near(modality, contents, fingerprint, first)
    near = np.where(exact >= 0, group[exact], -1)
    return Copies(modality, exact, near, searched=True)


def _numbered(cells: Iterator[pa.Array]) -> tuple[Ints, Ints]:
    """Number of each content, -1 where there is none, and where each is seen first."""
    encoded = pa.chunked_array(list(cells)).combine_chunks().dictionary_encode()
    number = encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int64)
    contents, first = np.unique(number, return_index=True)
    return number, first[contents >= 0].astype(np.int64)


def _near(modality: str, contents: Contents, fingerprint: Fingerprint, first: Ints) -> Ints:
    """Group of each content, ``(content,)``, of those that are nearly the same."""
    prints = pa.chunked_array(list(contents.cells(f"{modality}.{PRINT}"))).take(pa.array(first))
    there = np.flatnonzero(prints.is_valid().to_numpy())
    if there.size < 2:
        return np.arange(len(first))
    flat = b"".join(prints.drop_null().to_pylist())
    packed = np.frombuffer(flat, np.uint8).reshape(there.size, -1)
    pairs = set[tuple[int, int]]()
    for one, other in candidates(fingerprint.stored(packed), fingerprint.wanted(packed)):
        close = fingerprint.close(packed, one, other)
        pairs.update(zip(one[close].tolist(), other[close].tolist(), strict=True))
    values = _Values(contents.dataset, modality, first[there])
    rate = contents.dataset.shape(modality).rate
    same = [
        p for p in sorted(pairs) if fingerprint.same(values.get(p[0]), rate, values.get(p[1]), rate)
    ]
    linked = there[np.array(same, np.int64).reshape(-1, 2)]
    return groups(linked[:, 0], linked[:, 1], len(first))


class _Values:
    """Decoded values by number of the content; the first of a pair is kept for the next pairs."""

    def __init__(self, dataset: Dataset, modality: str, positions: Ints) -> None:
        self._dataset, self._modality, self._positions = dataset, modality, positions
        self.get = lru_cache(maxsize=2)(self._read)

    def _read(self, i: int) -> Any:
        dataset, modality = self._dataset, self._modality
        cells = dataset.cells(modality, [int(self._positions[i])])
        (value,), _ = column(cells, dataset.kinds[modality], dataset.shape(modality))
        return value


def _many(number: Ints) -> Bools:
    """Which numbers stand more than once; -1 is none."""
    counts = np.bincount(number[number >= 0], minlength=int(number.max(initial=-1)) + 1)
    many = np.zeros(len(number), np.bool_)
    many[number >= 0] = counts[number[number >= 0]] > 1
    return many
