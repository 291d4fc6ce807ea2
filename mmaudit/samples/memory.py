"""Memory: how many samples may be decoded at a time, by what they weigh.

A unit keeps its rows and its file, so that nothing that is written depends on the memory; within a
unit its samples are decoded some at a time. What they weigh is told from the headers of all files
before one is decoded.
"""

import ctypes
import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import pyarrow as pa
from pyarrow import compute

from mmaudit.arrays import Ints
from mmaudit.errors import InputError, UsageError
from mmaudit.kinds.base import Kind, Shape, Undecodable, load_kind
from mmaudit.names import ALL
from mmaudit.parsing.cells import reading
from mmaudit.samples.dataset import Dataset

Held = TypeVar("Held")  # what was read of samples to weigh them

COPIES = 4  # of decoded values: the samples, what a condition made of them, a batch, what fills
FIRST, MOST = 16, 1024  # samples whose headers are read at a time
LIGHT = 8  # of samples that take less than one part in so many, so many times as many are next
SHARE = 2  # of the machine's memory one part in so many is taken where nobody says how much
UNITS = {"": 1, "k": 10**3, "m": 10**6, "g": 10**9, "t": 10**12}
BINARY = {"": 1, "k": 2**10, "m": 2**20, "g": 2**30, "t": 2**40}
LIMITS = (Path("/sys/fs/cgroup/memory.max"), Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"))
FORM = re.compile(r"\s*(\d+(?:\.\d+)?)\s*([kmgt]?)(i?)b\s*", re.IGNORECASE)


def budget(memory: str | None, workers: int | None) -> int:
    """Bytes that each worker may take for decoded samples.

    Args:
        memory: What all take together, as ``512MB`` or ``2GiB``; None for half of what the machine
            has, or of what this process may have of it.
        workers: How many there are; None for one.

    Raises:
        UsageError: It is no amount of memory.

    Example:
        >>> budget("512MB", 2), budget("1 GiB", 1), budget("1.5kB", 1)
        (256000000, 1073741824, 1500)
    """
    workers = max(1, workers or 1)
    if memory is None:
        return max(1, _machine() // SHARE // workers)
    parsed = FORM.fullmatch(memory)
    number, prefix, binary = parsed.groups() if parsed else ("0", "", "")
    most = int(float(number) * (BINARY if binary else UNITS)[prefix.lower()]) // workers
    if most < 1:
        raise UsageError(f"{memory!r} is no amount of memory", fix="--memory 512MB, or 2GB")
    return most


def spans(
    dataset: Dataset,
    positions: Ints,
    memory: int,
    *,
    batch: int = 1,
    beside: int = 0,
    modality: str = ALL,
) -> Iterator[Ints]:
    """Samples in order, as many at a time as may be decoded.

    Args:
        dataset: The samples.
        positions: Which of them, ``(n,)``.
        memory: Bytes that they may take, encoded once and decoded `COPIES` times.
        batch: Samples of a forward pass: a span has whole batches where one of them fits.
        beside: Other samples that are decoded beside each, as donors of a corruption.
        modality: The one modality that is decoded; ``all`` for every one.

    Yields:
        The positions of each span, none of them empty.

    Raises:
        InputError: One sample alone takes more.
    """
    held = list[int]()
    kinds = {m: kind for m, kind in dataset.kinds.items() if modality in {m, ALL}}
    ids = dataset.column("id")

    def weigh(some: Ints) -> tuple[None, Ints]:
        columns = {m: dataset.cells(m, some) for m in kinds}
        names = ids.take(pa.array(some)).to_pylist()
        return None, _weights(dataset, columns, names, COPIES + beside)

    total = start = 0
    for at, weight in enumerate(w for _, some in _weighed(positions, memory, weigh) for w in some):
        if weight > memory:
            raise _too_heavy(dataset, ids[int(positions[at])].as_py(), weight, memory)
        if total + weight > memory:
            cut = len(held) // batch * batch or len(held)
            pa.default_memory_pool().release_unused()  # of what was weighed, and of the span before
            yield positions[start : start + cut]
            start, held = start + cut, held[cut:]
            total = sum(held)
            if total + weight > memory:  # the rest of a batch that did not fit
                yield positions[start : start + len(held)]
                start, held, total = start + len(held), [], 0
        held.append(weight)
        total += weight
    pa.default_memory_pool().release_unused()
    if held or not positions.size:
        yield positions[start:]


def batches(dataset: Dataset, positions: Ints, memory: int) -> Iterator[pa.RecordBatch]:
    """Samples in order as `Dataset.read` has them, as many at a time as may be decoded.

    What is weighed is what is handed on: every file is read once.

    Args:
        dataset: The samples.
        positions: Which of them, ``(n,)``.
        memory: Bytes that they may take, as in `spans`.

    Yields:
        Some samples, none of them without any; one without any of no positions.

    Raises:
        InputError: One sample alone takes more.
    """

    def weigh(some: Ints) -> tuple[pa.RecordBatch, Ints]:
        read = dataset.read(some)
        columns = {m: read.column(m) for m in dataset.kinds}
        return read, _weights(dataset, columns, read.column("id").to_pylist(), COPIES)

    for read, weights in _weighed(positions, memory, weigh):
        start = total = 0
        for at, weight in enumerate(weights):
            if weight > memory:
                raise _too_heavy(dataset, read.column("id")[at].as_py(), weight, memory)
            if total + weight > memory:
                yield read.slice(start, at - start)
                start, total = at, 0
            total += weight
        yield read.slice(start)
        del read
    pa.default_memory_pool().release_unused()
    if not positions.size:
        yield dataset.read(positions)


def _weighed(
    positions: Ints, memory: int, weigh: Callable[[Ints], tuple[Held, Ints]]
) -> Iterator[tuple[Held, list[int]]]:
    """What was read of some samples and what each weighs; few at a time where they are heavy."""
    start, step = 0, FIRST
    while start < positions.size:
        held, weights = weigh(positions[start : start + step])
        yield held, weights.tolist()
        del held
        start += step
        light = int(weights.sum()) < memory // LIGHT
        step = min(MOST, LIGHT * step) if light else max(1, min(FIRST, step // 2))


def _weights(
    dataset: Dataset, columns: Mapping[str, pa.Array], ids: Sequence[str], copies: int
) -> Ints:
    """Bytes that each sample takes, ``(n,)``."""
    weights = np.zeros(len(ids), np.int64)
    for modality, cells in columns.items():
        kind = load_kind(dataset.kinds[modality])
        weights += _column(cells, kind, dataset.shape(modality), copies, ids)
    return weights


def _column(cells: pa.Array, kind: Kind, shape: Shape, copies: int, ids: Sequence[str]) -> Ints:
    """Bytes that each cell of a modality takes; of what is no file all alike."""
    if kind.weight is None:
        each = np.full(len(cells), -(-cells.nbytes // max(1, len(cells))), np.int64)
        if pa.types.is_string(cells.type) or pa.types.is_large_string(cells.type):
            each = np.asarray(compute.fill_null(compute.binary_length(cells), 0), np.int64)
        return (1 + copies) * each
    files = (
        _file(cell.as_py(), kind, shape, copies, name)
        for cell, name in zip(cells, ids, strict=True)
    )
    return np.fromiter(files, np.int64, len(cells))


def _file(cell: Any, kind: Kind, shape: Shape, copies: int, id: str) -> int:
    data = cell and cell.get("bytes")
    if not data or kind.weight is None:
        return 0
    try:
        with reading(cell, id):
            decoded = kind.weight(data, shape)
    except Undecodable:  # decoding says why, and it takes nothing
        decoded = 0
    return len(data) + copies * decoded


def taken(values: Any) -> int:
    """Bytes of decoded values, as they lie in memory.

    Args:
        values: An array, a text, or what holds some of these.

    Example:
        >>> taken([np.zeros(3), "abc", None]), taken({"a": [np.zeros(2, np.uint8)]})
        (27, 2)
    """
    if isinstance(values, np.ndarray) and values.dtype != object:
        return values.nbytes
    if isinstance(values, str | bytes):
        return len(values)
    inner = values.values() if isinstance(values, Mapping) else values
    return sum(map(taken, inner)) if isinstance(inner, Iterable) else 0


def _too_heavy(dataset: Dataset, name: str, weight: int, memory: int) -> InputError:
    return InputError(
        f"the sample {name!r} takes {size(weight)} when it is decoded, and a worker has "
        f"{size(memory)} of --memory",
        where=dataset.manifest.at,
        fix="more --memory, fewer --workers, or smaller files",
    )


def release() -> None:
    """Give what was freed back to the machine: allocators keep it, in pieces between what is held.

    It costs a few milliseconds, and is worth it between steps that held much.
    """
    pa.default_memory_pool().release_unused()
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # glibc's
    if trim is not None:
        trim(0)


def size(count: int) -> str:
    """An amount of memory, for a message."""
    return f"{count / 10**6:,.1f} MB" if count >= 10**5 else f"{count:,} bytes"


def _machine() -> int:
    """Bytes of memory of this machine, or of what its processes may have."""
    pages = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    for path in LIMITS:
        text = path.read_text().strip() if path.is_file() else ""
        if text.isdecimal():
            pages = min(pages, int(text))
    return int(pages)
