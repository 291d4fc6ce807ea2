"""Croissant: the tables that a description names, in their own formats, and the description."""

import shutil
from collections.abc import Iterator
from hashlib import md5
from pathlib import Path
from typing import Any, cast

import pyarrow as pa
from pyarrow import parquet

from mmaudit import files
from mmaudit.files import replacing
from mmaudit.injection.write.fields import as_before, csv_row
from mmaudit.injection.write.form import WrittenFile, records, to_json
from mmaudit.injection.write.forms.gathered import Gathered
from mmaudit.injection.write.manifest import DATA
from mmaudit.injection.write.names import inside
from mmaudit.manifest.readers.base import RecordReader, stored
from mmaudit.manifest.readers.croissant import DescribedReader, Entry, local_name, read_sets
from mmaudit.parsing.documents import from_json

RESOURCES = ("fileObject", "fileSet", "distribution")  # where a field says what it is from


class OwnForm(Gathered):
    """Described tables: columns that no field names are kept, and added ones get a field."""

    @property
    def path(self) -> str:
        """The description."""
        return (self.out / DATA / self._description.name).relative_to(self.out).as_posix()

    @property
    def sources(self) -> tuple[Path, ...]:
        """The tables."""
        return super().sources[1:]

    @property
    def root(self) -> Path:
        """The folder of the description."""
        return self._description.parent.absolute()

    @property
    def _description(self) -> Path:
        return super().sources[0]

    @property
    def _reader(self) -> DescribedReader:
        return cast("DescribedReader", self.layout.dataset.source.innermost)

    def write(self) -> WrittenFile:
        """Write the tables, what else the description names beside it, and the description."""
        for home, positions in zip(self.homes, self.spans, strict=True):
            home.parent.mkdir(parents=True, exist_ok=True)
            ending = home.suffix.lower().lstrip(".")
            write = self._parquet if ending == "parquet" else self._text
            write(home, positions, ending)
        entries = from_json(self._description.read_bytes())
        for entry in entries["distribution"]:
            self._file(entry)
        self._fields(next(read_sets(entries)))
        files.write_json(self.out / self.path, entries, ordered=True)
        return WrittenFile()

    def _tables(self, positions: range) -> Iterator[pa.Table]:
        """The tables' own columns of some samples, with what was made of them."""
        at, names = positions.start, self._reader.tables.schema.names
        pieces = self.corrupted(positions) if positions else iter([self.schema.empty_table()])
        for new in pieces:
            rows = self.rows(range(at, at + new.num_rows))
            yield self._replaced(stored(self._reader.tables, names, rows), new)
            at += new.num_rows

    def _replaced(self, own: pa.Table, new: pa.Table) -> pa.Table:
        """A piece of a table with other values in the columns that steps or names changed."""
        for field, column in self._reader.columns.items():
            if field in self.changed | self.layout.files:
                place = own.schema.get_field_index(column)
                declared = new.schema.field(field).with_name(column)
                own = own.set_column(place, declared, new.column(field))
        for name in self._added:
            own = own.append_column(new.schema.field(name), new.column(name))
        return own

    @property
    def _added(self) -> list[str]:
        return [n for n in self.schema.names if n not in self.layout.schema.names]

    def _parquet(self, home: Path, positions: range, _ending: str) -> None:
        tables = self._tables(positions)
        first = next(tables)
        with replacing(home) as file, parquet.ParquetWriter(file, first.schema) as writer:
            for table in (first, *tables):
                writer.write_table(table)

    def _text(self, home: Path, positions: range, ending: str) -> None:
        """Write CSV with its header, or JSON Lines whose records have the keys that they had."""
        lines = ending not in {"csv", "tsv"}
        reader, at = self._reader.tables, positions.start
        with replacing(home) as file:
            for number, table in enumerate(self._tables(positions)):
                if not lines and not number:
                    file.write(csv_row(table.column_names, ending).encode())
                for record in records(table):
                    row = int(self.layout.dataset.rows[at])
                    before = reader.record(row) if isinstance(reader, RecordReader) else None
                    own = record if before is None else as_before(before, record)
                    text = to_json(own) + "\n" if lines else csv_row(record.values(), ending)
                    file.write(text.encode())
                    at += 1

    def _file(self, entry: Entry) -> None:
        """Say of a file what is true of that in the copy; one that is no table comes along."""
        name = inside(local_name(entry)) or ""
        source, home = self.root / name, self.out / DATA / name
        beside = source.is_file() and source.resolve().is_relative_to(self.root.resolve())
        if not beside or entry.get("containedIn") or source == self._description.absolute():
            return
        if not home.exists():
            home.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, home)
        entry |= {"contentUrl": name, "contentSize": f"{home.stat().st_size} B"}
        entry["sha256"] = files.digest(home)
        if "md5" in entry:
            entry["md5"] = md5(home.read_bytes(), usedforsecurity=False).hexdigest()

    def _fields(self, records_: Entry) -> None:
        """Declare columns that are new, and the types of those that have another one now."""
        listed = records_["field"] if isinstance(records_["field"], list) else [records_["field"]]
        types = {f.name: f.type for f in self.layout.schema}
        for entry in listed:
            name = str(entry.get("name") or entry.get("@id")).rpartition("/")[2]
            now = self.schema.field(name).type if name in self.changed else types.get(name)
            if "dataType" in entry and now != types.get(name):
                entry["dataType"] = _data_type(now)
        source = next(entry["source"] for entry in listed if "source" in entry)
        resource = {key: value for key, value in source.items() if key in RESOURCES}
        prefix = str(records_.get("@id") or records_.get("name"))
        records_["field"] = listed + [
            {
                "@type": "cr:Field",
                "@id": f"{prefix}/{name}",
                "name": name,
                "dataType": _data_type(self.schema.field(name).type),
                "source": resource | {"extract": {"column": name}},
            }
            for name in self._added
        ]


def _data_type(kind: Any) -> str:
    """How Croissant calls a type of values."""
    while pa.types.is_list(kind):
        kind = kind.value_type
    of = {"sc:Boolean": pa.types.is_boolean, "sc:Integer": pa.types.is_integer}
    of["sc:Float"] = pa.types.is_floating
    return next((name for name, fits in of.items() if fits(kind)), "sc:Text")
