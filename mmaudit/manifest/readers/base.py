"""What a reader is: rows of a source by their number, without holding what they carry."""

from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from mmaudit import contract, files

CELL = pa.struct(
    [("bytes", pa.large_binary()), ("path", pa.string()), ("error", pa.string())]
)  # a value kept in a file or an archive: its bytes, its name, or why it could not be read


@dataclass(frozen=True, slots=True)
class Feature:
    """What the format itself says of a column.

    Attributes:
        kind: ``image``, ``audio`` or ``class``; empty where the format says nothing of use.
        classes: Class names, where the column holds their numbers.
    """

    kind: str = ""
    classes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Aside:
    """Files or members of a source that are in no row.

    Attributes:
        what: What one of them is, as ``member of a name without an ending``.
        count: How many.
        first: Name of the first.
    """

    what: str
    count: int
    first: str


class Reader(Protocol):
    """Rows of a source, numbered from 0 over all of its files.

    A reader holds no more of the rows than a small cache. It may be used from several threads.
    What of its files is in no row, it says in an attribute ``aside``, a tuple of `Aside`; where it
    reads other files than those it was opened with, their ``paths`` are an attribute too.
    """

    @property
    def schema(self) -> pa.Schema:
        """Names and types of the columns."""
        ...

    @property
    def features(self) -> Mapping[str, Feature]:
        """What the format itself says of some columns."""
        ...

    def __len__(self) -> int: ...

    def take(self, columns: Sequence[str], rows: NDArray[np.int64]) -> pa.Table:
        """Some rows, in the order asked for; a row may be asked for twice."""
        ...

    def column(self, name: str) -> pa.ChunkedArray:
        """One column of all rows, for columns that are light (ids, labels, file names)."""
        ...

    def place(self, row: int) -> str:
        """Where a row is, for people: ``file:line``, or ``file row N``."""
        ...

    def digest(self) -> str:
        """sha256 of the content of the source's own files."""
        ...


@runtime_checkable
class StoredReader(Protocol):
    """A reader that also gives columns as its files hold them, where `take` gives other types."""

    def stored(self, columns: Sequence[str], rows: NDArray[np.int64]) -> pa.Table:
        """Some rows with their own types and the metadata of the files."""
        ...


@runtime_checkable
class RecordReader(Protocol):
    """A reader of files that say of every row by itself which fields it has."""

    def record(self, row: int) -> dict[str, Any] | None:
        """A row as its file says it, without what is not there; None where that is not known."""
        ...


def stored(reader: Reader, columns: Sequence[str], rows: NDArray[np.int64]) -> pa.Table:
    """Some rows as the source's files hold them: types, metadata and numbers of classes kept."""
    if not columns:
        return pa.table({})
    if isinstance(reader, StoredReader):
        return reader.stored(columns, rows)
    return plain(reader, columns, rows)


def plain(reader: Reader, columns: Sequence[str], rows: NDArray[np.int64]) -> pa.Table:
    """Some rows with the types of the reader's schema, also where they are none."""
    if not columns:
        return pa.table({})
    taken = reader.take(columns, rows)
    fields = [reader.schema.field(name) for name in columns]
    fields = [taken.schema.field(f.name) if pa.types.is_null(f.type) else f for f in fields]
    return taken.cast(pa.schema(fields))


class ReaderPart(Protocol):
    """The module of a reader; its path is the name of the format."""

    SUFFIXES: tuple[str, ...]  # how its files end, as (".csv", ".tsv"); none for folders

    def open(self, paths: tuple[Path, ...], *, most: int) -> Reader:
        """Open files; ``most`` is the bytes that one value may have."""
        ...


def check(name: str, part: object) -> None:
    """Refuse a module that is no reader.

    Raises:
        InputError: It lacks something; all of it is named.
    """
    contract.check("manifest/readers", name, part, ReaderPart)


def content_digest(paths: Iterable[Path]) -> str:
    """sha256 over the contents of files in their order, whatever they are called."""
    with ThreadPoolExecutor() as pool:
        digests = list(pool.map(files.digest, paths))
    return sha256("".join(digests).encode()).hexdigest()


def gather(
    parts: Sequence[pa.Table], order: NDArray[np.int64], columns: Sequence[str], schema: pa.Schema
) -> pa.Table:
    """Join tables that hold the rows ``order`` and put them back to ``0 … n - 1``."""
    if not parts:
        return pa.schema([schema.field(c) for c in columns]).empty_table()
    joined = pa.concat_tables(parts)
    if np.array_equal(order, np.arange(order.size)):
        return joined
    back = np.empty_like(order)
    back[order] = np.arange(order.size)
    return joined.take(pa.array(back))


def runs(
    starts: NDArray[np.int64], rows: NDArray[np.int64]
) -> tuple[NDArray[np.int64], list[tuple[int, NDArray[np.int64]]]]:
    """Sort rows by the block they are in.

    Args:
        starts: First row of each block, and the number of rows at the end, ``(blocks + 1,)``.
        rows: Rows that are asked for, ``(n,)``.

    Returns:
        The order in which the rows come out, ``(n,)``, and each block with its local rows.
    """
    if rows.size and (rows.min() < 0 or rows.max() >= starts[-1]):
        raise IndexError(f"rows {rows.min()} to {rows.max()} of {starts[-1]}")
    blocks = np.searchsorted(starts, rows, side="right") - 1
    order = np.argsort(blocks, kind="stable")
    cuts = np.flatnonzero(np.diff(blocks[order])) + 1
    pieces = [
        (int(blocks[part[0]]), rows[part] - starts[blocks[part[0]]])
        for part in np.split(order, cuts)
        if part.size
    ]
    return order, pieces


def is_text(value: str) -> bool:
    """Whether a value read with ``surrogateescape`` was UTF-8."""
    if value.isascii():
        return True
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True
