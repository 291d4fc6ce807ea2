"""Columns that the names of files say: splits, as Hugging Face names shards, and ``key=value``."""

import re
from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath
from typing import Protocol, runtime_checkable
from urllib.parse import unquote

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from mmaudit.manifest.readers.base import Feature, Reader, stored

SPLIT = "split"
COLUMNS = ("split", "subset", "partition", "fold")  # what a column of splits is called
NAMES = ("train", "training", "test", "testing", "val", "valid", "validation", "dev", "eval")
PURPOSES = {"train": ("train", "training"), "test": ("test", "testing")}
SHARD = re.compile(  # train-00000-of-00010, name-train-00000-of-00010-0123abcd, train_sft-…
    rf"(?:.*[-_.])?((?:{'|'.join(NAMES)})(?:[._]\w+)?)-\d+-of-\d+(?:-[0-9a-f]+)?", re.IGNORECASE
)
KEYED = re.compile(r"([A-Za-z_]\w*)=(.*)")  # a folder as Hive and Spark write partitions
NOTHING = "__HIVE_DEFAULT_PARTITION__"  # their word for null
WHOLE = re.compile(rf"({'|'.join(NAMES)})(?:[-_.]?\d+)?", re.IGNORECASE)


@runtime_checkable
class Counted(Protocol):
    """A reader that knows which rows each of its files has."""

    def file_starts(self) -> NDArray[np.int64]:
        """First row of each file, ``(files,)``, in the order of the files."""
        ...


class ByFile:
    """A view of a reader with columns more: what the name of a row's file says.

    Attributes:
        inner: The reader.
        schema: The reader's columns, and those that names say.
        features: What the format says of the columns.
        said: The columns that names say.
    """

    def __init__(
        self,
        reader: Reader,
        starts: NDArray[np.int64],
        values: Mapping[str, Sequence[str | None]],
    ) -> None:
        self.inner, self._starts = reader, starts
        self._values = {name: pa.array(said, pa.string()) for name, said in values.items()}
        self.said = tuple(values)
        fields = [pa.field(name, pa.string()) for name in values]
        self.schema: pa.Schema = pa.schema([*reader.schema, *fields], reader.schema.metadata)
        self.features: Mapping[str, Feature] = reader.features

    def __len__(self) -> int:
        return len(self.inner)

    def take(self, columns: Sequence[str], rows: NDArray[np.int64]) -> pa.Table:
        """Some rows, in the order asked for."""
        if rows.size and (rows.min() < 0 or rows.max() >= len(self)):
            raise IndexError(f"rows {rows.min()} to {rows.max()} of {len(self)}")
        stored = [c for c in columns if c not in self._values]
        table = self.inner.take(stored, rows) if stored else None
        arrays = [
            self._of(c, rows) if c in self._values or table is None else table.column(c)
            for c in columns
        ]
        return pa.table(arrays, names=list(columns))

    def stored(self, columns: Sequence[str], rows: NDArray[np.int64]) -> pa.Table:
        """Some rows as the files hold them, with what their names say."""
        inner = stored(self.inner, [c for c in columns if c not in self._values], rows)
        said = {c: self._of(c, rows) for c in columns if c in self._values}
        fields = [self.schema.field(c) if c in said else inner.schema.field(c) for c in columns]
        arrays = [said[c] if c in said else inner.column(c) for c in columns]
        return pa.table(arrays, schema=pa.schema(fields, inner.schema.metadata))

    def column(self, name: str) -> pa.ChunkedArray:
        """One column of all rows."""
        if name not in self._values:
            return self.inner.column(name)
        return pa.chunked_array([self._of(name, np.arange(len(self), dtype=np.int64))])

    def place(self, row: int) -> str:
        """Where a row is."""
        return self.inner.place(row)

    def file_starts(self) -> NDArray[np.int64]:
        """First row of each file, ``(files,)``."""
        return self._starts

    def digest(self) -> str:
        """sha256 of the content of the source's own files."""
        return self.inner.digest()

    def _of(self, name: str, rows: NDArray[np.int64]) -> pa.Array:
        files = np.searchsorted(self._starts, rows, side="right") - 1
        return self._values[name].take(pa.array(files))


def serving(purpose: str, splits: Sequence[str]) -> str | None:
    """The split for a purpose, whatever case its name has; None where there is none.

    Args:
        purpose: ``train`` or ``test``.
        splits: Names of splits.

    Example:
        >>> serving("test", ["Test", "Train"]), serving("train", ["dev", "training"])
        ('Test', 'training')
    """
    wanted = {name: rank for rank, name in enumerate(PURPOSES[purpose])}
    there = [name for name in splits if name.lower() in wanted]
    return min(there, key=lambda n: (n not in wanted, wanted[n.lower()], n), default=None)


def by_file(reader: Reader, names: Sequence[str]) -> Reader:
    """A reader with what the names of its files say, where no column does.

    Args:
        reader: Rows of some files.
        names: What each file is called, with its folders.
    """
    if not isinstance(reader, Counted):
        return reader
    columns = {name.lower() for name in reader.schema.names}
    own = [PurePosixPath(name).parts[_shared(names) :] for name in map(_slashes, names)]
    values = {k: column for k, column in keyed(own).items() if k.lower() not in columns}
    if not {*columns, *map(str.lower, values)} & set(COLUMNS):
        splits = named(names)
        values |= {SPLIT: [*splits]} if splits else {}
    return ByFile(reader, reader.file_starts(), values) if values else reader


def keyed(paths: Sequence[Sequence[str]]) -> dict[str, list[str | None]]:
    """What folders called ``key=value`` say of each file, for the keys that all files have.

    Args:
        paths: The folders above each file.

    Example:
        >>> keyed([("split=train", "label=cat"), ("split=test", "label=a%20b")])
        {'split': ['train', 'test'], 'label': ['cat', 'a b']}
    """
    said: list[dict[str, str | None]] = [
        {m[1]: None if m[2] == NOTHING else unquote(m[2]) for m in map(KEYED.fullmatch, path) if m}
        for path in paths
    ]
    keys = [key for key in (said[0] if said else {}) if all(key in one for one in said)]
    return {key: [one[key] for one in said] for key in keys}


def split_of(folders: Sequence[str]) -> str:
    """The split that the folders above a file say; empty where none does."""
    for folder in reversed(folders):
        match = KEYED.fullmatch(folder)
        if match and match[1].lower() in COLUMNS:
            return unquote(match[2])
        if folder.lower() in NAMES:
            return folder
    return ""


def named(names: Sequence[str]) -> list[str]:
    """The split of each file; empty where the names do not say it.

    Every file has to name one: as ``train-00000-of-00010.parquet``, or, where there are several
    splits, also as ``train.parquet`` or by a folder ``train/`` that not all files are in.
    """
    shards = [SHARD.fullmatch(_stem(name)) for name in names]
    if all(shards):
        return [match[1] for match in shards if match]
    shared = _shared(names)
    splits = [_of(name, PurePosixPath(_slashes(name)).parent.parts[shared:]) for name in names]
    return splits if all(splits) and len(set(splits)) > 1 else []


def _shared(names: Sequence[str]) -> int:
    """How many folders all files are in."""
    paths = [PurePosixPath(_slashes(name)).parent.parts for name in names]
    shared = 0
    while all(len(p) > shared and p[shared] == paths[0][shared] for p in paths):
        shared += 1
    return shared


def _of(name: str, folders: Sequence[str]) -> str:
    stem = _stem(name)
    match = SHARD.fullmatch(stem) or WHOLE.fullmatch(stem)
    return match[1] if match else split_of(folders)


def _slashes(name: str) -> str:
    return name.replace("\\", "/")


def _stem(name: str) -> str:
    return PurePosixPath(_slashes(name)).stem
