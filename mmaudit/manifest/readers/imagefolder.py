"""Folders of pictures or sounds, with ``metadata.csv|jsonl|parquet``, or with a folder a class."""

import os
from collections.abc import Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import cast

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pyarrow import compute

from mmaudit import parts
from mmaudit.errors import InputError
from mmaudit.kinds.base import load_kind, media_kinds
from mmaudit.manifest.readers.base import Feature, Reader, ReaderPart, gather, is_text, runs
from mmaudit.parsing.limits import MAX_BYTES

SUFFIXES: tuple[str, ...] = ()  # it reads folders, not files
METADATA = {".csv": "csv", ".jsonl": "jsonl", ".parquet": "parquet"}
SPLITS = {"train", "training", "test", "testing", "val", "valid", "validation", "dev", "eval"}
FILE, SPLIT, LABEL = "file_name", "split", "label"


class FolderReader:
    """Files of a folder, where the folders above a file are its class and its split."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        names, kind = _media(folder)
        self.features: Mapping[str, Feature] = {FILE: Feature(kind)}
        above = [name.split("/")[:-1] for name in names]
        columns: dict[str, list[str | None]] = {FILE: [*names]}
        if all(folders and folders[0].lower() in SPLITS for folders in above):
            columns[SPLIT] = [folders[0] for folders in above]
            above = [folders[1:] for folders in above]
        if any(above):
            columns[LABEL] = ["/".join(folders) or None for folders in above]
        self._table = pa.table({n: pa.array(v, pa.string()) for n, v in columns.items()})
        self.schema: pa.Schema = self._table.schema

    def __len__(self) -> int:
        return int(self._table.num_rows)

    def take(self, columns: Sequence[str], rows: NDArray[np.int64]) -> pa.Table:
        """Some rows, in the order asked for."""
        return self._table.select(list(columns)).take(pa.array(rows))

    def column(self, name: str) -> pa.ChunkedArray:
        """One column of all rows."""
        return self._table.column(name)

    def place(self, row: int) -> str:
        """Where a row is: its file."""
        return str(self._folder / self._table.column(FILE)[row].as_py())

    def digest(self) -> str:
        """sha256 of the names of the files; what they hold is hashed with the media."""
        return sha256("\n".join(self._table.column(FILE).to_pylist()).encode()).hexdigest()


class SplitReader:
    """Metadata files of several folders, one a split, as one source."""

    def __init__(self, folder: Path, files: Sequence[Path], most: int) -> None:
        self._prefixes = [f.parent.relative_to(folder).as_posix() for f in files]
        self._readers = [_metadata(f, most) for f in files]
        first = self._readers[0]
        odd = next((i for i, r in enumerate(self._readers) if r.schema != first.schema), 0)
        if odd:
            raise InputError(
                f"columns differ from those of {files[0]}",
                where=str(files[odd]),
                fix="give the metadata files the same columns and types",
            )
        self.features = first.features
        split_field = [] if SPLIT in first.schema.names else [pa.field(SPLIT, pa.string())]
        self.schema = pa.schema([*first.schema, *split_field])
        self._own_split = bool(split_field)
        self._starts = np.cumsum([0, *map(len, self._readers)]).astype(np.int64)

    def __len__(self) -> int:
        return int(self._starts[-1])

    def take(self, columns: Sequence[str], rows: NDArray[np.int64]) -> pa.Table:
        """Some rows, in the order asked for."""
        order, blocks = runs(self._starts, rows)
        parts_ = []
        for block, local in blocks:
            stored = [c for c in columns if not (c == SPLIT and self._own_split)]
            table = self._readers[block].take(stored, local) if stored else None
            arrays = [
                pa.array([self._split(block)] * local.size, pa.string())
                if table is None or c not in table.column_names
                else self._prefixed(c, table.column(c), block)
                for c in columns
            ]
            parts_.append(pa.table(arrays, names=list(columns)))
        return gather(parts_, order, columns, self.schema)

    def column(self, name: str) -> pa.ChunkedArray:
        """One column of all rows."""
        return self.take([name], np.arange(len(self), dtype=np.int64)).column(0)

    def place(self, row: int) -> str:
        """Where a row is: its metadata file and line."""
        block = int(np.searchsorted(self._starts, row, side="right")) - 1
        return self._readers[block].place(row - int(self._starts[block]))

    def digest(self) -> str:
        """sha256 of the metadata files."""
        return sha256("".join(r.digest() for r in self._readers).encode()).hexdigest()

    def _split(self, block: int) -> str:
        return self._prefixes[block].split("/")[-1]

    def _prefixed(self, name: str, column: pa.ChunkedArray, block: int) -> pa.ChunkedArray:
        if not name.endswith(FILE) or not pa.types.is_string(column.type):
            return column
        return compute.binary_join_element_wise(self._prefixes[block], column, "/")


def open(paths: tuple[Path, ...], *, most: int = MAX_BYTES) -> Reader:  # noqa: A001
    """Open a folder of media.

    Args:
        paths: The folder.
        most: Bytes that one value of the metadata may have.

    Raises:
        InputError: There is no media in it, or both pictures and sounds without metadata.
    """
    (folder,) = paths
    files = [folder / f"metadata{suffix}" for suffix in METADATA]
    metadata = [f for f in files if f.is_file()]
    if len(metadata) > 1:
        raise InputError(
            f"both {metadata[0].name} and {metadata[1].name}",
            where=str(folder),
            fix="name the one that counts as path in [source]",
        )
    if metadata:
        return _metadata(metadata[0], most)
    for suffix in METADATA:
        deeper = sorted(folder.rglob(f"metadata{suffix}"))
        if deeper:
            return SplitReader(folder, deeper, most)
    return FolderReader(folder)


def _metadata(path: Path, most: int) -> Reader:
    part = parts.load("manifest/readers", METADATA[path.suffix])
    return cast("ReaderPart", part).open((path,), most=most)


def _media(folder: Path) -> tuple[list[str], str]:
    """Names of the files of media in a folder, and their kind."""
    kinds = {name: load_kind(name) for name in media_kinds()}
    suffixes = tuple(suffix for kind in kinds.values() for suffix in kind.suffixes)
    names = [
        os.path.relpath(Path(top) / name, folder).replace(os.sep, "/")
        for top, _, files in os.walk(folder)
        for name in files
        if name.lower().endswith(suffixes) and not name.startswith(".")
    ]
    odd = next((name for name in names if not is_text(name)), "")
    if odd:
        raise InputError(
            f"the name {odd!r} is not UTF-8", where=str(folder), fix="give the file another name"
        )
    there = [
        name
        for name, kind in kinds.items()
        if any(file.lower().endswith(kind.suffixes) for file in names)
    ]
    if len(there) > 1:
        raise InputError(
            f"both {' and '.join(kinds[name].plural for name in there)}",
            where=str(folder),
            fix="write a metadata.csv with a row a sample and a column of names for each",
        )
    return sorted(names), there[0] if there else next(iter(kinds))
