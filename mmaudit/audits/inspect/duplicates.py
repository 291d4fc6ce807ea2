"""Copies: values that are equal or nearly so, within a split and across splits."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from mmaudit.arrays import Bools, Codes, Ints, Prints, Reals
from mmaudit.audits.inspect.close_prints import Close
from mmaudit.audits.inspect.contents import Contents, ranked
from mmaudit.audits.inspect.digests import BYTES
from mmaudit.audits.inspect.learning import embedded
from mmaudit.audits.inspect.unit import CONTENT, PRINT
from mmaudit.fingerprints.base import Fingerprint
from mmaudit.measures.data.copies import groups
from mmaudit.names import ALL
from mmaudit.samples.dataset import Dataset
from mmaudit.samples.decode import column
from mmaudit.samples.memory import spans

PURPOSE = "inspect copies"  # of random numbers
SAME_AT_ONCE = 4_096  # pairs
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
    exact: Codes
    near: Codes
    searched: bool

    @property
    def different(self) -> int:
        """How many values differ by more than copies do."""
        return int(np.count_nonzero(first_of_each(self.near) >= 0))

    @property
    def listed(self) -> bool:
        """Whether so few values stand for so many samples that they are words of a list."""
        return self.different * LISTED <= int((self.near >= 0).sum())

    def redundant(self, *, near: bool) -> Bools:
        """Which samples bring no new value: all of a group but the first, ``(n,)``."""
        number = self.near if near else self.exact
        those = number >= 0
        first = first_of_each(number)
        those[first[first >= 0]] = False
        return those

    def across(self, splits: Codes) -> Bools:
        """Which samples share a value, or nearly, with a sample of another split, ``(n,)``."""
        return across(self.near, splits)


def across(number: Codes, splits: NDArray[np.generic]) -> Bools:
    """Which samples have a number that a sample of another split has too, ``(n,)``; -1 is none."""
    there = number >= 0
    own, at = splits[there], number[there]
    one = np.zeros(int(number.max(initial=-1)) + 1, splits.dtype)
    one[at] = own  # the split of one of them: all have it, or it stands in several
    several = np.zeros(one.size, np.bool_)
    several[at[one[at] != own]] = True
    mixed = np.zeros(len(splits), np.bool_)
    mixed[there] = several[at]
    return mixed


def first_of_each(number: Codes) -> Codes:
    """Where each number stands first, ``(largest + 1,)``; -1 where it stands nowhere."""
    first = np.full(int(number.max(initial=-1)) + 1, -1, narrow(len(number)))
    there = np.flatnonzero(number >= 0)[::-1]
    first[number[there]] = there  # of several the last that is written stays: the first one
    return first


def narrow(most: int) -> np.dtype[np.signedinteger]:
    """The type for numbers of so many things, from -1."""
    return np.dtype(np.int32 if most < 2**31 else np.int64)


def whole(every: Sequence[Copies]) -> Copies:
    """Copies of whole samples: in all modalities at once, with the same ones present."""
    if len(every) == 1:
        return replace(every[0], modality=ALL)
    exact, near = (_together(some) for some in ([c.exact for c in every], [c.near for c in every]))
    return Copies(ALL, exact, near, searched=any(c.searched for c in every))


def _together(columns: Sequence[Codes]) -> Codes:
    """Number of what each sample has of all modalities, in their order; -1 where it has nothing."""
    gone = np.all([own < 0 for own in columns], axis=0)
    number, *rest = columns
    for own in rest:
        pairs = number * np.int64(int(own.max()) + 2) + (own + 1)
        number = np.unique(pairs, return_inverse=True)[1].reshape(-1).astype(narrow(len(gone)))
    return np.where(gone, number.dtype.type(-1), number)


def copies(
    modality: str,
    contents: Contents,
    fingerprint: Fingerprint | None,
    memory: int,
    embedding: Reals | None = None,
) -> Copies:
    """Look for copies among the values of a modality.

    Args:
        modality: The modality.
        contents: What the units wrote.
        fingerprint: How near copies are found; None where the kind has no way.
        memory: Bytes that decoded samples may take.
        embedding: Vectors of the values, ``(n, d)``, that are nearly the same of near copies, too;
            None without.
    """
    exact, first = _numbered(contents.cells(f"{modality}.{CONTENT}"))
    some = list[Ints]()
    if fingerprint is not None:
        some.append(_linked(modality, contents, fingerprint, first, memory))
    if embedding is not None:
        some.append(_embedded_alike(contents, embedding, first))
    if not some:
        return Copies(modality, exact, exact, searched=False)
    linked = np.concatenate(some)
    group = groups(linked[:, 0], linked[:, 1], len(first)).astype(exact.dtype)
    near = np.where(exact >= 0, group[exact], exact) if group.size else exact
    return Copies(modality, exact, near, searched=True)


def _numbered(cells: Iterator[pa.Array]) -> tuple[Codes, Ints]:
    """Number of each content, -1 where there is none, and where each is seen first."""
    digests, there = list[NDArray[np.uint64]](), list[Bools]()
    for unit in cells:
        there.append(unit.is_valid().to_numpy(zero_copy_only=False))
        digests.append(_bytes(unit.drop_null()).view(np.uint64).reshape(-1, BYTES // 8))
    present = np.concatenate(there)
    words = np.concatenate(digests)
    del digests, there
    whole = narrow(present.size)
    order = np.lexsort(words.T).astype(whole)  # equal ones in their order
    same = np.zeros(order.size, np.bool_)
    same[1:] = True
    for half in words.T:
        ordered = half[order]
        same[1:] &= ordered[1:] == ordered[:-1]
    del words, ordered
    number, is_first = np.full(present.size, -1, whole), np.zeros(order.size, np.bool_)
    is_first[order[~same]] = True
    earlier = np.empty(order.size, whole)
    earlier[order] = order[~same][np.cumsum(~same, dtype=whole) - 1]
    number[present] = (np.cumsum(is_first, dtype=whole) - 1)[earlier]  # as they are seen first
    return number, np.flatnonzero(present)[is_first]


def _linked(
    modality: str, contents: Contents, fingerprint: Fingerprint, first: Ints, memory: int
) -> Ints:
    """Pairs of contents that are nearly the same, ``(pair, 2)``."""
    there = _printed(contents.cells(f"{modality}.{PRINT}"), first)

    def blocks() -> Iterator[Prints]:
        return _prints(contents.cells(f"{modality}.{PRINT}"), first[there])

    pairs = there[Close(fingerprint, blocks, there.size).pairs()]
    same = _same(modality, contents.dataset, fingerprint, first[pairs], memory)
    return np.asarray(pairs[np.fromiter(same, np.bool_, len(pairs))])


def _embedded_alike(contents: Contents, rows: Reals, first: Ints) -> Ints:
    """Pairs of contents whose vectors are nearly the same, ``(pair, 2)``."""
    order = ranked(contents, PURPOSE)
    how = embedded.fingerprint(rows, order[np.isin(order, first)])
    there, packed = embedded.prints(rows, first, how)
    if there.size < 2:
        return np.zeros((0, 2), np.int64)
    pairs = there[Close(how, lambda: iter((packed,)), there.size).pairs()]
    same = [how.same(rows[a], 0.0, rows[b], 0.0) for a, b in first[pairs].tolist()]
    return np.asarray(pairs[np.array(same, np.bool_)])


def _printed(cells: Iterator[pa.Array], first: Ints) -> Ints:
    """Which contents have a fingerprint, ``(n,)``.

    Args:
        cells: The fingerprints of all samples, unit by unit: one unit is in memory at a time.
        first: Where each content is seen first, ``(content,)``, rising.
    """
    there = [unit.is_valid().to_numpy(zero_copy_only=False) for unit in cells]
    return np.flatnonzero(np.concatenate(there)[first])


def _prints(cells: Iterator[pa.Array], rows: Ints) -> Iterator[Prints]:
    """The fingerprints of some samples, at rising positions ``(n,)``, unit by unit."""
    start = 0
    for unit in cells:
        low, high = np.searchsorted(rows, [start, start + len(unit)])
        if high > low:
            yield _bytes(unit.take(pa.array(rows[low:high] - start))).reshape(high - low, -1)
        start += len(unit)


def _bytes(cells: pa.Array) -> NDArray[np.uint8]:
    """What binary cells hold, end to end; none of them is null."""
    *_, data = cells.buffers()
    if data is None:
        return np.zeros(0, np.uint8)
    if pa.types.is_fixed_size_binary(cells.type):
        width = cells.type.byte_width
        return np.frombuffer(data, np.uint8)[width * cells.offset :][: width * len(cells)]
    ends = np.frombuffer(cells.buffers()[1], np.int32)[cells.offset :][: len(cells) + 1]
    return np.frombuffer(data, np.uint8)[ends[0] : ends[-1]]


def _same(
    modality: str, dataset: Dataset, fingerprint: Fingerprint, pairs: Ints, memory: int
) -> Iterator[bool]:
    """Whether the values of each pair of samples are the same to an eye or an ear."""
    kind, shape = dataset.kinds[modality], dataset.shape(modality)
    for at in range(0, len(pairs), SAME_AT_ONCE):
        some = pairs[at : at + SAME_AT_ONCE].ravel()
        # both of a pair fit: each was decoded in its unit, with copies that nobody makes here
        for span in spans(dataset, some, 2 * memory, batch=2):
            rows, number = np.unique(span, return_inverse=True)
            values, _ = column(dataset.cells(modality, rows), kind, shape)
            for one, other in number.reshape(-1, 2).tolist():
                yield fingerprint.same(values[one], shape.rate, values[other], shape.rate)
