"""The split of a row by the name of its file, as Hugging Face names shards and folders."""

import re
from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath
from typing import Protocol, runtime_checkable

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from mmaudit.manifest.readers.base import Feature, Reader

SPLIT = "split"
COLUMNS = ("split", "subset", "partition", "fold")  # what a column of splits is called
NAMES = ("train", "training", "test", "testing", "val", "valid", "validation", "dev", "eval")
SHARD = re.compile(  # train-00000-of-00010, name-train-00000-of-00010-0123abcd, train_sft-…
    rf"(?:.*[-_.])?((?:{'|'.join(NAMES)})(?:[._]\w+)?)-\d+-of-\d+(?:-[0-9a-f]+)?", re.IGNORECASE
)
WHOLE = re.compile(rf"({'|'.join(NAMES)})(?:[-_.]?\d+)?", re.IGNORECASE)


@runtime_checkable
class Counted(Protocol):
    """A reader that knows which rows each of its files has."""

    def file_starts(self) -> NDArray[np.int64]:
        """First row of each file, ``(files,)``, in the order of the files."""
        ...


class SplitByFile:
    """A view of a reader with a column more: the split that the name of a row's file says.

    Attributes:
        inner: The reader.
        schema: The reader's columns, and `SPLIT`.
        features: What the format says of the columns.
    """

    def __init__(self, reader: Reader, starts: NDArray[np.int64], splits: Sequence[str]) -> None:
        self.inner, self._starts = reader, starts
        self._splits = pa.array(splits, pa.string())
        self.schema: pa.Schema = reader.schema.append(pa.field(SPLIT, pa.string()))
        self.features: Mapping[str, Feature] = reader.features

    def __len__(self) -> int:
        return len(self.inner)

    def take(self, columns: Sequence[str], rows: NDArray[np.int64]) -> pa.Table:
        """Some rows, in the order asked for."""
        if rows.size and (rows.min() < 0 or rows.max() >= len(self)):
            raise IndexError(f"rows {rows.min()} to {rows.max()} of {len(self)}")
        stored = [c for c in columns if c != SPLIT]
        table = self.inner.take(stored, rows) if stored else None
        arrays = [
            self._of(rows) if c == SPLIT or table is None else table.column(c) for c in columns
        ]
        return pa.table(arrays, names=list(columns))

    def column(self, name: str) -> pa.ChunkedArray:
        """One column of all rows."""
        if name != SPLIT:
            return self.inner.column(name)
        return pa.chunked_array([self._of(np.arange(len(self), dtype=np.int64))])

    def place(self, row: int) -> str:
        """Where a row is."""
        return self.inner.place(row)

    def file_starts(self) -> NDArray[np.int64]:
        """First row of each file, ``(files,)``."""
        return self._starts

    def digest(self) -> str:
        """sha256 of the content of the source's own files."""
        return self.inner.digest()

    def _of(self, rows: NDArray[np.int64]) -> pa.Array:
        return self._splits.take(pa.array(np.searchsorted(self._starts, rows, side="right") - 1))


def by_file(reader: Reader, names: Sequence[str]) -> Reader:
    """A reader with the splits that the names of its files say, where no column does.

    Args:
        reader: Rows of some files.
        names: What each file is called, with its folders.
    """
    columns = {name.lower() for name in reader.schema.names}
    if columns & set(COLUMNS) or not isinstance(reader, Counted):
        return reader
    splits = named(names)
    return SplitByFile(reader, reader.file_starts(), splits) if splits else reader


def named(names: Sequence[str]) -> list[str]:
    """The split of each file; empty where the names do not say it.

    Every file has to name one: as ``train-00000-of-00010.parquet``, or, where there are several
    splits, also as ``train.parquet`` or by a folder ``train/`` that not all files are in.
    """
    shards = [SHARD.fullmatch(_stem(name)) for name in names]
    if all(shards):
        return [match[1] for match in shards if match]
    paths = [PurePosixPath(name.replace("\\", "/")).parent.parts for name in names]
    shared = 0
    while all(len(p) > shared and p[shared] == paths[0][shared] for p in paths):
        shared += 1
    splits = [_of(name, path[shared:]) for name, path in zip(names, paths, strict=True)]
    return splits if all(splits) and len(set(splits)) > 1 else []


def _of(name: str, folders: Sequence[str]) -> str:
    stem = _stem(name)
    match = SHARD.fullmatch(stem) or WHOLE.fullmatch(stem)
    if match:
        return match[1]
    return next((f for f in reversed(folders) if f.lower() in NAMES), "")


def _stem(name: str) -> str:
    return PurePosixPath(name.replace("\\", "/")).stem
