"""Values of pairs, read and decoded ahead of what embeds them, each distinct one once.

A photo with five captions stands in five rows. Rows are read in order by threads, what their
values are is told by digests of their contents, and only values that no row before had are decoded
and embedded. Which these are depends on the order of the rows alone, whatever the threads do.
"""

from collections import deque
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from typing import Any, TypeVar

import numpy as np
import pyarrow as pa

from mmaudit.arrays import Bools, Ints, Vectors
from mmaudit.audits.noisy_pairs.base import SideEncoder
from mmaudit.kinds.base import load_kind
from mmaudit.samples.dataset import Dataset
from mmaudit.samples.decode import Skipped, column, stack
from mmaudit.samples.memory import budget, spans

HELD = 2  # batches of each worker: one that is read, and one that is decoded
S = TypeVar("S")
T = TypeVar("T")


@dataclass(slots=True)
class EmbeddedPart:
    """Modalities that are embedded together, and which of their values each sample has.

    Values are numbered as they first stand in the data.

    Attributes:
        names: The modalities.
        count: How many values were seen.
        numbers: Number of each sample's value, ``(k,)`` for each span of samples.
        embedded: Numbers of the values that were embedded, ``(k,)`` for each batch of them.
        vectors: Their vectors, ``(k, d)`` of each modality.
        faults: Modality and reason of each value that could not be read, by its number.
    """

    names: tuple[str, ...]
    count: int = 0
    numbers: list[Ints] = field(default_factory=list)
    embedded: list[Ints] = field(default_factory=list)
    vectors: list[tuple[Vectors, ...]] = field(default_factory=list)
    faults: dict[int, list[tuple[str, str]]] = field(default_factory=dict)
    _seen: dict[Hashable, int] = field(default_factory=dict)

    def claim(self, keys: Sequence[Hashable] | None, n: int) -> Ints:
        """Number the values of ``n`` more samples; which of these have one that none before had.

        Args:
            keys: What each value is told by, equal for equal ones; None: all are distinct.
            n: How many samples.
        """
        before = self.count
        if keys is None:
            self.numbers.append(np.arange(before, before + n))
            self.count += n
            return np.arange(n)
        numbers = np.fromiter((self._seen.setdefault(k, len(self._seen)) for k in keys), np.int64)
        self.numbers.append(numbers)
        self.count = len(self._seen)
        fresh, first = np.unique(numbers, return_index=True)
        return first[fresh >= before]

    def rows(self) -> Ints:
        """Row in the vectors of each sample's value, ``(n,)``; -1 where it has none."""
        place = np.full(self.count, -1)
        if self.embedded:
            there = np.concatenate(self.embedded)
            place[there] = np.arange(len(there))
        return place[np.concatenate(self.numbers)]

    def sides(self, rows: Ints) -> tuple[Vectors, ...]:
        """Vectors of each modality of some `rows`, ``(n, d)``."""
        whole = (np.concatenate(side) for side in zip(*self.vectors, strict=True))
        return tuple(side if _all_in_order(rows, len(side)) else side[rows] for side in whole)

    def skipped(self, ids: Sequence[str]) -> Iterator[Skipped]:
        """Every sample whose value could not be read."""
        numbers = np.concatenate(self.numbers)
        for i in np.flatnonzero(np.isin(numbers, [*self.faults])).tolist():
            for name, reason in self.faults[int(numbers[i])]:
                yield Skipped(ids[i], name, reason)


@dataclass(frozen=True, slots=True)
class _Span:
    """Samples as they were read: their cells, whether both sides are there, and digests."""

    ids: list[str]
    cells: dict[str, pa.Array]
    whole: Bools
    digests: dict[str, list[str]] | None

    def keys(self, names: tuple[str, ...]) -> list[Hashable] | None:
        """What the values of some modalities are told by; those of half a pair are others."""
        if self.digests is None:
            return None
        return [*zip(self.whole.tolist(), *(self.digests[name] for name in names), strict=True)]


@dataclass(frozen=True, slots=True)
class _Fresh:
    """Values that no sample before had: their numbers, first samples, and cells."""

    part: EmbeddedPart
    numbers: Ints
    ids: list[str]
    cells: list[pa.Array]
    whole: Bools


@dataclass(frozen=True, slots=True)
class _Ready:
    """The same values, decoded and made ready; those that can be embedded, and what is wrong."""

    part: EmbeddedPart
    numbers: Ints
    ids: list[str]
    values: tuple[Any, ...]
    faults: dict[int, list[tuple[str, str]]]


def embed(
    dataset: Dataset,
    names: tuple[str, str],
    encoder: SideEncoder,
    *,
    batch: int,
    workers: int,
    memory: str | None,
) -> list[EmbeddedPart]:
    """Embed both sides of all samples.

    Args:
        dataset: The selection.
        names: The two modalities.
        encoder: What embeds them.
        batch: Samples of a batch.
        workers: Threads that read and decode.
        memory: What all samples that are held at a time may take, as ``512MB``.
    """
    parts = [EmbeddedPart(some) for some in encoder.parts(names)]
    most = budget(memory, HELD * workers + 1)  # and that which is embedded
    starts = (
        at
        for start in range(0, len(dataset), batch)
        for at in spans(dataset, np.arange(start, min(start + batch, len(dataset))), most)
    )
    with ThreadPoolExecutor(workers) as pool:
        read = _ahead(pool, partial(_read, dataset, names, encoder), starts, workers)
        fresh = (one for span in read for one in _claimed(span, parts))
        decode = partial(_decode, dataset, encoder)
        for ready in _ahead(pool, decode, fresh, workers * len(parts)):
            ready.part.faults.update(ready.faults)
            if len(ready.numbers):
                vectors = encoder.encode(ready.part.names, ready.values, ready.ids)
                ready.part.vectors.append(vectors)
                ready.part.embedded.append(ready.numbers)
    return parts


def _ahead(pool: Executor, do: Callable[[S], T], work: Iterable[S], count: int) -> Iterator[T]:
    """What comes of each piece of work, in order, ``count`` of them begun before they are due."""
    pieces = iter(work)
    waiting = deque(pool.submit(do, one) for one in islice(pieces, count))
    while waiting:
        done = waiting.popleft().result()
        waiting.extend(pool.submit(do, one) for one in islice(pieces, 1))
        yield done


def _all_in_order(rows: Ints, n: int) -> bool:
    return len(rows) == n and bool((rows == np.arange(n)).all())


def _read(dataset: Dataset, names: tuple[str, str], encoder: SideEncoder, at: Ints) -> _Span:
    read = dataset.read(at)
    cells = {name: read.column(name) for name in names}
    whole = np.logical_and(
        *(cells[name].is_valid().to_numpy(zero_copy_only=False) for name in names)
    )
    digests = {name: _digests(dataset, name, cells[name]) for name in names}
    return _Span(read.column("id").to_pylist(), cells, whole, digests if encoder.distinct else None)


def _digests(dataset: Dataset, name: str, cells: pa.Array) -> list[str]:
    """Digest of what each cell holds; of one that cannot be read, of what it says."""
    kind = load_kind(dataset.kinds[name])
    if kind.media:
        raw = (cell.as_py() for cell in cells)
        return [kind.digest(c) if c and c.get("bytes") is not None else repr(c) for c in raw]
    values, _ = column(cells, dataset.kinds[name], dataset.shape(name))
    return [
        kind.digest(value) if value is not None else repr(cells[i].as_py())
        for i, value in enumerate(values)
    ]


def _claimed(span: _Span, parts: Sequence[EmbeddedPart]) -> Iterator[_Fresh]:
    for part in parts:
        at = part.claim(span.keys(part.names), len(span.ids))
        if len(at):
            yield _Fresh(
                part,
                part.numbers[-1][at],
                [span.ids[i] for i in at],
                [span.cells[name].take(pa.array(at)) for name in part.names],
                span.whole[at],
            )


def _decode(dataset: Dataset, encoder: SideEncoder, fresh: _Fresh) -> _Ready:
    keep, sides = fresh.whole.copy(), []
    faults: dict[int, list[tuple[str, str]]] = {}
    for name, cells in zip(fresh.part.names, fresh.cells, strict=True):
        values, reasons = column(cells, dataset.kinds[name], dataset.shape(name), fresh.ids)
        for i, reason in reasons.items():
            faults.setdefault(int(fresh.numbers[i]), []).append((name, reason))
        keep &= np.array([value is not None for value in values], np.bool_)
        sides.append(values)
    there = np.flatnonzero(keep)
    ready = tuple(
        encoder.ready(name, stack([side[i] for i in there], dataset.kinds[name]))
        for name, side in zip(fresh.part.names, sides, strict=True)
        if len(there)
    )
    return _Ready(fresh.part, fresh.numbers[there], [fresh.ids[i] for i in there], ready, faults)
