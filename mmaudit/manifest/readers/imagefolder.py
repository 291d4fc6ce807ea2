"""Folders of pictures or sounds, with ``metadata.csv|jsonl|parquet``, or with a folder a class."""

import os
from collections.abc import Callable, Collection, Mapping, Sequence
from hashlib import sha256
from itertools import combinations
from pathlib import Path
from typing import Any, cast

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pyarrow import compute

from mmaudit import parts
from mmaudit.errors import InputError
from mmaudit.kinds.base import load_kind, media_kinds
from mmaudit.manifest.media import kind_of
from mmaudit.manifest.readers.base import (
    Feature,
    Reader,
    ReaderPart,
    RecordReader,
    gather,
    is_text,
    runs,
    stored,
)
from mmaudit.manifest.splits import NAMES, PURPOSES, SPLIT, keyed, split_of
from mmaudit.manifest.walk import below
from mmaudit.parsing.limits import MAX_BYTES

SUFFIXES: tuple[str, ...] = ()  # it reads folders, not files
METADATA = {"metadata.csv": "csv", "metadata.jsonl": "jsonl", "metadata.parquet": "parquet"}
FILE, LABEL = "file_name", "label"
PACKED = frozenset({".7z", ".bz2", ".gz", ".rar", ".tgz", ".xz", ".zip", ".zst"})

Taking = Callable[[Reader, Sequence[str], NDArray[np.int64]], pa.Table]


class FolderReader:
    """Files of a folder, where the folders above a file are its class and its split."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.paths: tuple[Path, ...] = ()  # every file is a row
        names, kind = _media(folder)
        self.features: Mapping[str, Feature] = {FILE: Feature(kind)}
        above = [name.split("/")[:-1] for name in names]
        columns: dict[str, list[str | None]] = {FILE: [*names]}
        columns |= {key: said for key, said in keyed(above).items() if key != FILE}
        above = [[f for f in folders if f.split("=")[0] not in columns] for folders in above]
        if SPLIT not in columns and _say_splits({f[0] for f in above if f}):
            inside = [bool(f) and f[0].lower() in NAMES for f in above]
            columns[SPLIT] = [f[0] if i else None for f, i in zip(above, inside, strict=True)]
            above = [f[1:] if i else [] for f, i in zip(above, inside, strict=True)]
        if LABEL not in columns and any(above):
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

    def file_starts(self) -> NDArray[np.int64]:
        """First row of each file, ``(files,)``: every row is one."""
        return np.arange(len(self), dtype=np.int64)

    def digest(self) -> str:
        """sha256 of the names of the files; what they hold is hashed with the media."""
        return sha256("\n".join(self._table.column(FILE).to_pylist()).encode()).hexdigest()


class SplitReader:
    """Metadata files of several folders, one a split, as one source."""

    def __init__(self, folder: Path, files: Sequence[Path], most: int) -> None:
        self._prefixes = [f.parent.relative_to(folder).as_posix() for f in files]
        self._readers = [_metadata(f, most) for f in files]
        self.paths = tuple(files)
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
        return self._gathered(columns, rows, lambda reader, names, local: reader.take(names, local))

    def stored(self, columns: Sequence[str], rows: NDArray[np.int64]) -> pa.Table:
        """Some rows as the metadata files hold them, with what the names of folders say."""
        return self._gathered(columns, rows, stored)

    def _gathered(self, columns: Sequence[str], rows: NDArray[np.int64], take: Taking) -> pa.Table:
        order, blocks = runs(self._starts, rows)
        parts_ = []
        for block, local in blocks or [(0, rows)]:
            own = [c for c in columns if not (c == SPLIT and self._own_split)]
            table = take(self._readers[block], own, local) if own else pa.table({})
            arrays = [
                self._prefixed(c, table.column(c), block)
                if c in table.column_names
                else pa.array([self._split(block)] * local.size, pa.string())
                for c in columns
            ]
            fields = [
                table.schema.field(c) if c in table.column_names else self.schema.field(c)
                for c in columns
            ]
            parts_.append(pa.table(arrays, schema=pa.schema(fields, table.schema.metadata)))
        return gather(parts_, order, columns, self.schema)

    def record(self, row: int) -> dict[str, Any] | None:
        """A row as its file of metadata says it; names are relative to that."""
        block = int(np.searchsorted(self._starts, row, side="right")) - 1
        reader = self._readers[block]
        local = row - int(self._starts[block])
        return reader.record(local) if isinstance(reader, RecordReader) else None

    def column(self, name: str) -> pa.ChunkedArray:
        """One column of all rows."""
        return self.take([name], np.arange(len(self), dtype=np.int64)).column(0)

    def place(self, row: int) -> str:
        """Where a row is: its metadata file and line."""
        block = int(np.searchsorted(self._starts, row, side="right")) - 1
        return self._readers[block].place(row - int(self._starts[block]))

    def file_starts(self) -> NDArray[np.int64]:
        """First row of each metadata file, ``(files,)``."""
        return self._starts[:-1]

    @property
    def said(self) -> frozenset[str]:
        """Columns that the names of folders say."""
        return frozenset({SPLIT}) if self._own_split else frozenset()

    @property
    def ending(self) -> str:
        """How the names of the metadata files end, where they are texts; empty for others."""
        return str(getattr(self._readers[0], "ending", ""))

    def home(self, row: int) -> str:
        """The folder of a row's metadata, relative to that of all."""
        block = int(np.searchsorted(self._starts, row, side="right")) - 1
        return self._prefixes[block]

    def digest(self) -> str:
        """sha256 of the metadata files."""
        return sha256("".join(r.digest() for r in self._readers).encode()).hexdigest()

    def _split(self, block: int) -> str:
        folders = self._prefixes[block].split("/")
        return split_of(folders) or folders[-1]

    def _prefixed(self, name: str, column: pa.ChunkedArray, block: int) -> pa.ChunkedArray:
        text = pa.types.is_string(column.type) or pa.types.is_large_string(column.type)
        if not name.endswith(FILE) or not text:
            return column
        prefix = pa.scalar(self._prefixes[block], column.type)
        joined = compute.binary_join_element_wise(prefix, column, pa.scalar("/", column.type))
        return compute.if_else(compute.equal(column, ""), column, joined)  # absent stays absent


def open(paths: tuple[Path, ...], *, most: int = MAX_BYTES) -> Reader:  # noqa: A001
    """Open a folder of media.

    Args:
        paths: The folder.
        most: Bytes that one value of the metadata may have.

    Raises:
        InputError: There are several files of metadata where one has to count, pictures or sounds
            of a folder are in none, or both pictures and sounds are there without metadata.
    """
    (folder,) = paths
    metadata = [folder / name for name in METADATA if (folder / name).is_file()]
    deeper = "*" if metadata else "**"  # a look into every folder of a large one takes long
    metadata += sorted(f for name in METADATA for f in folder.glob(f"{deeper}/{name}"))
    for one, other in combinations(metadata, 2):
        if one.parent in {folder, other.parent}:
            raise InputError(
                f"both {one.relative_to(folder)} and {other.relative_to(folder)}",
                where=str(folder),
                fix="name the one that counts as path in [source]",
            )
    if not metadata:
        reader = FolderReader(folder)
        return reader if len(reader) else _nothing(folder)
    if metadata[0].parent == folder:
        return _metadata(metadata[0], most)
    _check_every(folder, [f.parent for f in metadata])
    return SplitReader(folder, metadata, most)


def _say_splits(names: Collection[str]) -> bool:
    """Whether the first folders are splits: all are called so, or some for training and some not.

    A class may be called train, among cars and planes; what is beside splits is in none.
    """
    called = {name.lower() for name in names}
    ours = called.intersection(NAMES)
    both = not ours.isdisjoint(PURPOSES["train"]) and not ours.issubset(PURPOSES["train"])
    return bool(ours) and (both or ours == called)


def _nothing(folder: Path) -> Reader:
    """Refuse a folder without data, and say what it has."""
    packed = [path.name for path in below(folder) if path.suffix.lower() in PACKED]
    raise InputError(
        "there are no data files, pictures or sounds in the folder",
        where=str(folder),
        fix=f"unpack {packed[0]}" if packed else "check that the data is there",
    )


def _check_every(folder: Path, homes: Sequence[Path]) -> None:
    """Refuse pictures and sounds that no file of metadata is above."""
    above = tuple(f"{home.relative_to(folder).as_posix()}/" for home in homes)
    lost = [name for name in _media_files(folder) if not name.startswith(above)]
    if not lost:
        return
    place = lost[0].rpartition("/")[0]
    here = sum(name.rpartition("/")[0] == place for name in lost)
    raise InputError(
        f"{place or 'the folder'} has {here} pictures or sounds and no file of metadata, as "
        f"{above[0][:-1]} has",
        where=str(folder / place),
        fix="write its metadata.csv, or name the folder that counts as path in [source]",
    )


def _metadata(path: Path, most: int) -> Reader:
    part = parts.load("manifest/readers", METADATA[path.name])
    return cast("ReaderPart", part).open((path,), most=most)


def _media(folder: Path) -> tuple[list[str], str]:
    """Names of the files of media in a folder, and their kind."""
    names = _media_files(folder)
    odd = next((name for name in names if not is_text(name)), "")
    if odd:
        raise InputError(
            f"the name {odd!r} is not UTF-8", where=str(folder), fix="give the file another name"
        )
    there = [kind for kind in media_kinds() if kind in names.values()]
    if len(there) > 1:
        raise InputError(
            f"both {' and '.join(f'{load_kind(kind).noun}s' for kind in there)}",
            where=str(folder),
            fix="write a metadata.csv with a row a sample and a column of names for each",
        )
    return sorted(names), there[0] if there else media_kinds()[0]


def _media_files(folder: Path) -> dict[str, str]:
    """Names of the pictures and sounds of a folder, and their kinds."""
    files = {
        os.path.relpath(path, folder).replace(os.sep, "/"): kind_of(path)
        for path in below(folder)
        if not path.name.startswith(".")
    }
    return {name: kind for name, kind in files.items() if kind}
