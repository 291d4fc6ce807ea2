"""Croissant: JSON-LD that describes tables beside it; fields of its record set are columns."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from hashlib import sha256
from pathlib import Path
from typing import Any, cast

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from mmaudit import files, parts
from mmaudit.errors import InputError
from mmaudit.manifest.media import ELSEWHERE, Refused, blobs_of, resolve
from mmaudit.manifest.readers.base import Aside, Feature, Reader, ReaderPart, stored
from mmaudit.manifest.walk import below
from mmaudit.parsing.base import refusing
from mmaudit.parsing.documents import from_json
from mmaudit.parsing.limits import MAX_BYTES

SUFFIXES: tuple[str, ...] = ()  # .json says nothing: `claims` looks into it
FILE = "croissant.json"
LOOKED_AT = 2**16  # bytes in which it says what it is
TABLES = {".csv": "csv", ".tsv": "csv", ".jsonl": "jsonl", ".parquet": "parquet"}
UNDESCRIBED = "column of the files that it does not describe"
SHA256 = re.compile(r"[0-9a-f]{64}")
Entry = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a record set.

    Attributes:
        name: What its column is called.
        resource: The file or set of files that it comes from.
        column: The column there; empty where the name of the file says the value.
        pattern: What the first group of the file's path has to match, for a field of its name.
    """

    name: str
    resource: str
    column: str
    pattern: str


class DescribedReader:
    """A reader of tables with the columns that a description names.

    Attributes:
        tables: What reads them.
        columns: The column of the tables for each field that has one.
        said: Fields that names of files say.
    """

    def __init__(
        self, path: Path, inner: Reader, tables: Sequence[Path], listed: list[Field]
    ) -> None:
        self.paths, self.root = (path, *tables), path.parent
        self.tables, self._path = inner, path
        self.columns = {field.name: field.column for field in listed if field.column}
        self._said = {
            field.name: [_matched(field, table, path) for table in tables]
            for field in listed
            if not field.column
        }
        self.said = tuple(self._said)
        lacking = [c for c in self.columns.values() if c not in inner.schema.names]
        if lacking:
            raise _odd(path, f"the files have no column {lacking[0]!r}")
        others = [n for n in inner.schema.names if n not in self.columns.values()]
        self.aside = (Aside(UNDESCRIBED, len(others), others[0]),) if others else ()
        fields = [inner.schema.field(c).with_name(n) for n, c in self.columns.items()]
        self.schema = pa.schema([*fields, *((name, pa.string()) for name in self._said)])
        self.features: Mapping[str, Feature] = {
            n: inner.features[c] for n, c in self.columns.items() if c in inner.features
        }

    def __len__(self) -> int:
        return len(self.tables)

    def take(self, columns: Sequence[str], rows: NDArray[np.int64]) -> pa.Table:
        """Some rows, in the order asked for."""
        if rows.size and (rows.min() < 0 or rows.max() >= len(self)):
            raise IndexError(f"rows {rows.min()} to {rows.max()} of {len(self)}")
        own = list(dict.fromkeys(self.columns[c] for c in columns if c in self.columns))
        table = self.tables.take(own, rows) if own else None
        owners = np.searchsorted(self.file_starts(), rows, side="right") - 1
        arrays = [
            table.column(self.columns[c])
            if table is not None and c in self.columns
            else pa.array(self._said[c], pa.string()).take(pa.array(owners))
            for c in columns
        ]
        return pa.table(arrays, names=list(columns))

    def stored(self, columns: Sequence[str], rows: NDArray[np.int64]) -> pa.Table:
        """Some rows as the tables hold them."""
        names = [self.columns[c] for c in columns if c in self.columns]
        inner = stored(self.tables, list(dict.fromkeys(names)), rows)
        taken = self.take([c for c in columns if c not in self.columns], rows)
        fields = [
            inner.schema.field(self.columns[c]).with_name(c)
            if c in self.columns
            else self.schema.field(c)
            for c in columns
        ]
        arrays = [
            inner.column(self.columns[c]) if c in self.columns else taken.column(c) for c in columns
        ]
        return pa.table(arrays, schema=pa.schema(fields))

    def column(self, name: str) -> pa.ChunkedArray:
        """One column of all rows."""
        if name in self.columns:
            return self.tables.column(self.columns[name])
        return self.take([name], np.arange(len(self), dtype=np.int64)).column(0)

    def place(self, row: int) -> str:
        """Where a row is: its table and its place there."""
        return self.tables.place(row)

    def file_starts(self) -> NDArray[np.int64]:
        """First row of each table, ``(tables,)``."""
        return cast("Any", self.tables).file_starts()

    def digest(self) -> str:
        """sha256 of the description and the tables."""
        return sha256((files.digest(self._path) + self.tables.digest()).encode()).hexdigest()


def open(paths: tuple[Path, ...], *, most: int = MAX_BYTES) -> DescribedReader:  # noqa: A001
    """Open a description and the tables that it names; checksums that it gives are checked.

    It has one record set with fields of one file, or of one set of files, of CSV, JSON Lines or
    Parquet. Files lie beside the description; one that is at a URL is looked for there by its
    name. Fields of file names (``fileProperty``) give a column, as the split of each file.

    Args:
        paths: The description.
        most: Bytes that one value may have.

    Raises:
        InputError: It is none, describes anything else, or a file is not there or is another one.
    """
    if len(paths) != 1:
        raise _odd(paths[1], "one description at a time is read")
    (path,) = paths
    with refusing("not a Croissant description", path, "JSON-LD with distribution and recordSet"):
        entries = from_json(path.read_bytes())
        resources = {_id(entry): entry for entry in entries["distribution"]}
        sets = [*read_sets(entries)]
        listed = [_field(f) for each in sets[:1] for f in _fields(each)]
    if len(sets) != 1:
        names = ", ".join(map(_id, sets)) or "none"
        raise _odd(path, f"one record set with fields of files is read, and it has {names}")
    wanted = {field.resource for field in listed}
    if len(wanted) != 1 or (name := wanted.pop()) not in resources:
        raise _odd(path, f"its fields come from several files: {', '.join(sorted(wanted)) or name}")
    tables = _files(path, resources, name)
    endings = {table.suffix.lower() for table in tables}
    kinds = {TABLES.get(ending, "") for ending in endings}
    if len(kinds) != 1 or "" in kinds:
        raise _odd(
            path, f"{name!r} is of files {', '.join(sorted(endings)) or 'that are not there'}"
        )
    part = cast("ReaderPart", parts.load("manifest/readers", kinds.pop()))
    return DescribedReader(path, part.open(tuple(tables), most=most), tables, listed)


def claims(path: Path) -> bool:
    """Whether a file begins as a description does."""
    with path.open("rb") as file:
        head = file.read(LOOKED_AT)
    return b'"@context"' in head and (b"mlcommons.org/croissant" in head or b'"recordSet"' in head)


def files_of(folder: Path) -> tuple[Path, ...]:
    """The description of a folder; none of a folder without one."""
    path = folder / FILE
    return (path,) if path.is_file() and claims(path) else ()


def read_sets(entries: Entry) -> Iterator[Entry]:
    """The record sets of a description whose fields are in files."""
    return (each for each in entries["recordSet"] if any("source" in f for f in _fields(each)))


def local_name(entry: Entry) -> str:
    """What a file is called beside its description, also where that says a URL."""
    url = str(entry.get("contentUrl") or "")
    return url.rpartition("/")[2] if ELSEWHERE.match(url) else url


def _fields(record_set: Entry) -> list[Entry]:
    listed = record_set.get("field", [])
    return [listed] if isinstance(listed, dict) else list(listed)


def _field(entry: Entry) -> Field:
    source = entry["source"]
    resource = source.get("fileObject") or source.get("fileSet") or source["distribution"]
    extract = source.get("extract", {})
    transform = source.get("transform", {})
    first = transform[0] if isinstance(transform, list) and transform else transform or {}
    called = str(entry.get("name") or _id(entry)).rpartition("/")[2]
    resource = resource["@id"] if isinstance(resource, dict) else str(resource)
    if not ({"column", "fileProperty"} & {*extract}):
        raise ValueError(f"the field {called!r} does not say which column it is")
    return Field(called, resource, str(extract.get("column", "")), str(first.get("regex", "(.*)")))


def _id(entry: Entry) -> str:
    return str(entry.get("@id") or entry.get("name"))


def _files(path: Path, resources: Mapping[str, Entry], name: str) -> list[Path]:
    """The tables of a file or a set of files."""
    entry = resources[name]
    if str(entry.get("@type", "")).endswith("FileSet"):
        patterns = entry.get("includes", [])
        patterns = [patterns] if isinstance(patterns, str) else patterns
        every = below(path.parent)
        own = [p.relative_to(path.parent).as_posix() for p in every]
        return [_local(path, n, name) for n in own if any(fnmatchcase(n, g) for g in patterns)]
    if entry.get("containedIn"):
        raise _odd(path, f"{name!r} is in an archive", "unpack it, and describe the file")
    local, url = local_name(entry), entry.get("contentUrl")
    table = _local(path, local, name)
    if not table.is_file():
        raise _odd(path, f"the file {local!r} of {name!r} is not beside it", f"copy {url} there")
    wanted = str(entry.get("sha256") or "").lower()
    if SHA256.fullmatch(wanted) and files.digest(table) != wanted:
        raise _odd(path, f"the file {local!r} has another sha256 than it says", "the file it means")
    return [table]


def _local(path: Path, own: str, name: str) -> Path:
    """A file beside the description; it may not be elsewhere, also not by a link."""
    try:
        resolve(path.parent, own, blobs_of(path.parent))
    except Refused as refused:
        raise _odd(path, f"the file {own!r} of {name!r}: {refused}") from refused
    return path.parent / own


def _matched(field: Field, table: Path, path: Path) -> str | None:
    match = re.search(field.pattern, table.relative_to(path.parent).as_posix())
    return (match[1] if match.re.groups else match[0]) if match else None


def _odd(path: Path, what: str, fix: str = "a manifest with the data file as path") -> InputError:
    return InputError(what, where=str(path), fix=fix)
