"""An opened source: its reader, its columns of ids and labels, and what is common to its values."""

import os
from collections.abc import Mapping, Sequence
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pyarrow import compute

from mmaudit.errors import InputError, UsageError
from mmaudit.kinds.base import is_media
from mmaudit.manifest import locate
from mmaudit.manifest.media import blobs_of
from mmaudit.manifest.model import Manifest, Modality
from mmaudit.manifest.readers.base import Aside, Reader
from mmaudit.manifest.splits import ByFile
from mmaudit.manifest.tree import StoredFolder
from mmaudit.samples import captions
from mmaudit.samples.captions import Captions
from mmaudit.samples.claims import check_columns, check_media
from mmaudit.samples.columns import (
    Place,
    as_text,
    check_ids,
    check_labels,
    class_names,
    sample_columns,
    truth,
)
from mmaudit.samples.media import as_cells, may_name_files, media_digest, names_files, names_in
from mmaudit.stores import urls

LOOKED_AT = 64  # cells that may hold a file or name one
STATUS = ("status", "error_message")  # how img2dataset says that a download failed …
FAILED = "failed"  # … as ``failed_to_download``


class Opened:
    """A manifest and the reader of its source, checked to belong together.

    Attributes:
        manifest: What is claimed.
        reader: Where the rows come from.
        root: Folder that file names in the data may not leave; None where no folder is named, and
            the source is at a URL or in several folders.
        links: Folder that links in the root may lead into; None: the root alone.
        versions: Versions of the source's files by URL, where it is at one.
    """

    def __init__(self, manifest: Manifest, pinned: Mapping[str, str] | None = None) -> None:
        self.manifest = manifest
        source = manifest.source
        self._tree = StoredFolder(manifest.store, fresh=pinned is None) if manifest.store else None
        if self._tree and not self._tree.folder.is_dir():  # a process of another machine
            self._tree.prepare(source.path, source.root)
        most = source.max_bytes
        located = locate.opened(source.path, manifest.folder, source.format, most, pinned)
        self.reader: Reader = captions.over(located.reader, manifest, self.basename)
        self.versions: dict[str, str] = located.versions
        self._located = located
        self.root: Path | None = manifest.folder / source.root if source.root else located.root
        if self.root is not None and not self.root.is_dir():
            raise UsageError(
                f"source.root is not a folder: {source.root}",
                where=manifest.file or str(manifest.folder),
                fix="name the folder that file names in the data are relative to",
            )
        self.links = blobs_of(self.root) if self.root else None
        if source.links is not None:
            self.links = manifest.folder / source.links
        check_columns(self.reader, manifest)
        check_media(self.reader, manifest, self.root)
        if not len(self.reader):
            raise InputError(
                "the dataset has no rows",
                where=manifest.at,
                fix="check that the file was written whole",
            )

    @property
    def id(self) -> str | None:
        """The column that ids are in; None where they follow the row number."""
        return captions.ID if isinstance(self.reader, Captions) else self.manifest.source.id

    @property
    def innermost(self) -> Reader:
        """The reader of the rows, whatever views are on it."""
        reader = self.reader
        while isinstance(reader, Captions | ByFile):
            reader = reader.inner
        return reader

    @property
    def form(self) -> str:
        """Name of the module that reads the rows."""
        return type(self.innermost).__module__.rpartition(".")[2]

    @property
    def files(self) -> tuple[Path, ...]:
        """The files that the rows were read from."""
        files: tuple[Path, ...] = getattr(self.innermost, "paths", self._located.files)
        return files

    @property
    def aside(self) -> tuple[Aside, ...]:
        """What the source has that is in no row, as far as its reader knows."""
        own: tuple[Aside, ...] = getattr(self.innermost, "aside", ())
        return (*own, *self._located.aside)

    @property
    def text(self) -> str:
        """How the names of the source's text files end, as ``csv``; empty where it has others."""
        return str(getattr(self.innermost, "ending", ""))

    @property
    def basename(self) -> str:
        """What ids begin with where no column holds them."""
        path = self.manifest.source.path
        return urls.name(path) if urls.is_url(path) else (self.manifest.folder / path).name

    def __len__(self) -> int:
        return len(self.reader)

    @cached_property
    def columns(self) -> pa.Table:
        """Columns id, label, split, group and ``slice:NAME`` of all rows, checked.

        Raises:
            InputError: An id is missing or there twice, a label is not what the target says.
        """
        rows = np.arange(len(self), dtype=np.int64)
        raw = {c: self.reader.column(c) for c in self.column_names}
        table = sample_columns(
            self.manifest, raw, rows, (self.id, self.basename), self.reader.place
        )
        check_ids(table.column("id"), self.reader.place)
        return table.combine_chunks()  # in one piece each: who asks for a column gets no copy

    @cached_property
    def classes(self) -> tuple[str, ...] | None:
        """All classes in their order; None where the target is not a class or several."""
        target = self.manifest.target
        if target is None or target.kind == "number":
            return None
        labels = self.columns.column("label")
        names = class_names(labels)
        if target.classes is None:
            return names
        check_labels(labels, target, self.reader.place)
        return tuple(target.classes)

    @property
    def column_names(self) -> list[str]:
        """The columns of the source that ids, labels, splits, groups and slices are in."""
        source, target = self.manifest.source, self.manifest.target
        wanted = [self.id, source.split, source.group, *source.slices]
        wanted.append(target.column if target else None)
        return list(dict.fromkeys(c for c in wanted if c))

    def names(self, modality: Modality) -> list[str]:
        """The columns of the source that a modality is made of, its mask included."""
        schema = set(self.reader.schema.names)
        names = [c for c in modality.names if c in schema]
        return [*names, *([modality.mask] if modality.mask else [])]

    def read(self, rows: NDArray[np.int64]) -> pa.RecordBatch:
        """Some rows as a batch of samples; see `mmaudit.samples.dataset.Dataset.read`."""
        modalities = self.manifest.modalities
        wanted = [*self.column_names, *(c for m in modalities.values() for c in self.names(m))]
        wanted += self.status
        columns = list(dict.fromkeys(wanted))
        table = self.reader.take(columns, rows) if columns else pa.table({})
        raw = {c: table.column(c) for c in columns}
        ids = self.id, self.basename
        samples = sample_columns(self.manifest, raw, rows, ids, self._placing(rows))
        arrays = [_one(samples.column(c)) for c in samples.column_names]
        arrays += [self._cells(modality, raw, rows.size) for modality in modalities.values()]
        return pa.RecordBatch.from_arrays(arrays, [*samples.column_names, *modalities])

    def cells(self, name: str, rows: NDArray[np.int64]) -> pa.Array:
        """One modality of some rows, as in `read`."""
        modality = self.manifest.modalities[name]
        columns = [*self.names(modality), *self.status]
        table = self.reader.take(list(dict.fromkeys(columns)), rows)
        return self._cells(modality, {c: table.column(c) for c in columns}, rows.size)

    def digest(self, rows: NDArray[np.int64]) -> str:
        """sha256 of the source's own files, and of the media files that some rows name."""
        digest = sha256(self.reader.digest().encode())
        for modality in self.manifest.modalities.values():
            for column in self.names(modality) if is_media(modality.kind) else []:
                kind = self.reader.schema.field(column).type
                if names_files(kind) or (may_name_files(kind) and self._names(column)):
                    names = self.reader.column(column).take(pa.array(rows))
                    self._bring(names)
                    digest.update(media_digest(names, self.root, self.links).encode())
        return digest.hexdigest()

    @property
    def status(self) -> list[str]:
        """The column that says whether a download failed, where there is one."""
        columns = self.reader.schema.names
        return ["status"] if all(c in columns for c in STATUS) else []

    def _names(self, column: str) -> bool:
        """Whether cells that could hold bytes name files instead, seen in the first of them."""
        rows = np.arange(min(LOOKED_AT, len(self)), dtype=np.int64)
        cells = self.reader.take([column], rows).column(0).to_pylist()
        return any(c and c["bytes"] is None and c["path"] for c in cells)

    def _bring(self, *columns: pa.ChunkedArray) -> None:
        """Have the files here that some cells name, where they are in a store."""
        if self._tree is None or self.root is None:
            return
        home = os.path.relpath(self.root, self._tree.folder)
        named = [name for column in columns for name in names_in(column)]
        self._tree.bring(os.path.join(home, name) for name in named)  # noqa: PTH118  many

    def _placing(self, rows: NDArray[np.int64]) -> Place:
        return lambda position: self.reader.place(int(rows[position]))

    def _cells(self, modality: Modality, raw: dict[str, pa.ChunkedArray], n: int) -> pa.Array:
        names = [c for c in self.names(modality) if c != modality.mask]
        if modality.columns:
            arrays = [_one(raw[c]) for c in names]
            cells: pa.Array = pa.StructArray.from_arrays(arrays, names)
        elif is_media(modality.kind):
            most = self.manifest.source.max_bytes
            self._bring(*(raw[c] for c in names))
            media = [as_cells(_one(raw[c]), self.root, most, self.links) for c in names]
            cells = _first(media)
        else:
            cells = _first([_one(raw[c]) for c in names])
        keep = np.ones(n, np.bool_)
        if modality.mask:
            keep &= truth(_one(raw[modality.mask]))
        if self.status and is_media(modality.kind):
            failed = compute.starts_with(compute.fill_null(as_text(raw["status"]), ""), FAILED)
            gone = compute.is_null(compute.struct_field(cells, "bytes"))  # moved here: it is there
            keep &= ~compute.and_(_one(failed), gone).to_numpy(zero_copy_only=False)
        return cells if keep.all() else compute.if_else(pa.array(keep), cells, None)


def _one(column: Any) -> pa.Array:
    """A chunked column as one array."""
    if isinstance(column, pa.Array):
        return column
    return (
        column.chunk(0)
        if column.num_chunks == 1
        else pa.concat_arrays(column.chunks or [pa.array([], column.type)])
    )


def _first(columns: Sequence[pa.Array]) -> pa.Array:
    """The first of several columns that is there, row by row."""
    return columns[0] if len(columns) == 1 else compute.coalesce(*columns)
