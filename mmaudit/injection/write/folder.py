"""Folder: every picture and sound is a file, and the rest is ``metadata.jsonl`` or ``.csv``."""

from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pyarrow as pa

from mmaudit.files import replacing
from mmaudit.injection.write.fields import as_before, csv_row
from mmaudit.injection.write.files import Files
from mmaudit.injection.write.form import WrittenFile, records, to_json
from mmaudit.injection.write.manifest import DATA, PARTS
from mmaudit.injection.write.names import free
from mmaudit.manifest.readers.base import RecordReader
from mmaudit.manifest.readers.imagefolder import FILE, FolderReader, SplitReader
from mmaudit.manifest.splits import ByFile
from mmaudit.samples.media import names_files
from mmaudit.tables import store

LINE = pa.schema(
    [("home", pa.string()), ("line", pa.string()), ("files", pa.map_(pa.string(), pa.string()))]
)


@dataclass(frozen=True)
class Folder:
    """A folder of files with metadata; folders of classes and of splits stay such folders.

    Attributes:
        out: Folder of the dataset.
        files: Where the files go.
    """

    out: Path
    files: Files

    @property
    def parts(self) -> Path:
        """Tables of the lines of the metadata."""
        return self.out / PARTS / DATA

    @property
    def path(self) -> str:
        """The metadata, or the folder where it has several files of them, or none."""
        return DATA if self._splits or self._bare else f"{DATA}/{self._metadata}"

    @property
    def reader(self) -> str:
        """Name of the reader that opens it."""
        return "imagefolder" if self._splits or self._bare else self._ending.replace("tsv", "csv")

    @cached_property
    def _ending(self) -> str:
        return self.files.layout.dataset.source.text or "jsonl"

    @property
    def _metadata(self) -> str:
        return f"metadata.{self._ending}"

    @cached_property
    def _splits(self) -> bool:
        """Whether every split has metadata of its own, in its folder."""
        layout = self.files.layout
        moves = any(m in layout.others for m in layout.media.values())
        return layout.same and not moves and self._split_reader is not None

    @property
    def _split_reader(self) -> SplitReader | None:
        reader = self.files.layout.dataset.source.reader
        return reader if isinstance(reader, SplitReader) else None

    @cached_property
    def _bare(self) -> bool:
        """Whether folders alone say classes and splits, and names are the ids."""
        layout = self.files.layout
        bare = layout.same and isinstance(layout.dataset.source.reader, FolderReader)
        return bare and layout.id == FILE and not layout.labels

    @cached_property
    def _columns(self) -> dict[str, str]:
        """What the columns of files are called: as in the source, where it has files too."""
        layout = self.files.layout
        if all(names_files(layout.field_of(c).type) for c in layout.media):
            return {c: c for c in layout.media}
        used = {*layout.plain, *layout.roles.values(), layout.id}
        out: dict[str, str] = {}
        for column in layout.media:
            name = FILE if len(layout.media) == 1 else f"{column}_{FILE}"
            out[column] = free(name, used)
            used.add(out[column])
        return out

    def keep(self, table: pa.Table, start: int) -> pa.Table:
        """Write the files; whatever an interrupted run left there is written over."""
        hashes: dict[str, str] = {}
        for column, called in self._columns.items():
            names, more = self.files.write(table, column, start)
            hashes |= more
            at = table.schema.get_field_index(column)
            table = table.set_column(at, called, pa.array(names, pa.string()))
        lines = [self._line(start + i, record) for i, record in enumerate(records(table))]
        lines = [
            line | {"files": [*hashes.items()] if not i else []} for i, line in enumerate(lines)
        ]
        return pa.Table.from_pylist(lines, LINE.with_metadata(table.schema.metadata))

    def finish(self) -> WrittenFile:
        """Join the lines."""
        hashes: dict[str, str] = {}
        with ExitStack() as stack:
            opened: dict[str, Any] = {}
            for table in store.stream(self.parts):
                for home, line in zip(
                    *(table[c].to_pylist() for c in ("home", "line")), strict=True
                ):
                    if self._bare:
                        continue
                    if home not in opened:
                        path = self.out / DATA / home / self._metadata
                        opened[home] = stack.enter_context(replacing(path, shared=False))
                        opened[home].write(self._head().encode())
                    opened[home].write(line.encode())
                for files in table.column("files").to_pylist():
                    hashes |= dict(files)
        return WrittenFile(self._columns, hashes, self.files.renamed, self.files.endings)

    def _names(self) -> list[str]:
        """The columns of the metadata in their order."""
        layout = self.files.layout
        added = [n for n in (layout.id,) if n not in layout.schema.names]
        homes = [h for each in layout.homes.values() for h in each.values()]
        listed = [*added, *layout.schema.names, *layout.roles.values(), *homes]
        there = {*added, *layout.plain, *layout.roles.values(), *homes}
        own = list(dict.fromkeys(self._columns.get(n, n) for n in listed if n in there))
        return [n for n in own if not (self._splits and n in self._said)]

    @property
    def _said(self) -> frozenset[str]:
        """Columns that the names of folders say."""
        return self._split_reader.said if self._split_reader else frozenset()

    def _head(self) -> str:
        return "" if self._ending == "jsonl" else csv_row(self._names(), self._ending)

    def _line(self, position: int, record: Mapping[str, Any]) -> dict[str, Any]:
        home, plain = "", dict(record)
        if self._splits and self._split_reader:
            row = int(self.files.layout.dataset.rows[position])
            home = self._split_reader.home(row)
            plain = {k: _within(home, k, v) for k, v in plain.items() if k not in self._said}
        if self._ending == "jsonl":
            before = self._before(position)
            plain = plain if before is None else as_before(before, plain)
            return {"home": home, "line": to_json(plain) + "\n"}
        cells = [plain.get(name) for name in self._names()]
        return {"home": home, "line": csv_row(cells, self._ending)}

    def _before(self, position: int) -> dict[str, Any] | None:
        """The record of the source, where it has such and every row of it is one of ours."""
        dataset = self.files.layout.dataset
        reader = dataset.source.reader
        reader = reader.inner if isinstance(reader, ByFile) else reader
        if not (self.files.layout.same and isinstance(reader, RecordReader)):
            return None
        return reader.record(int(dataset.rows[position]))


def _within(home: str, column: str, value: Any) -> Any:
    """A name of a file relative to the folder of its metadata; other values as they are."""
    if column.endswith(FILE) and isinstance(value, str):
        return value.removeprefix(f"{home}/")
    return value
