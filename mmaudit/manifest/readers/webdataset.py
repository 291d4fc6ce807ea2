"""WebDataset: tar archives in which the files of a sample share the name before the first dot."""

import os
import re
import tarfile
from array import array
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from mmaudit.errors import InputError
from mmaudit.manifest.readers._types import Mixed, merged
from mmaudit.manifest.readers.base import CELL, Aside, Feature, content_digest, is_text
from mmaudit.parsing.base import refusing
from mmaudit.parsing.documents import from_json
from mmaudit.parsing.limits import EXTENSIONS, MAX_BYTES, TAR_MEMBERS, Ceiling

SUFFIXES = (".tar",)
KEY, FIELDS = "__key__", "json"
LOOKED_AT = 64  # JSON members that are read to learn the names of their fields
NAME = re.compile(r"((?:.*/|)[^./]+)\.([^/]+)")  # key and extension, as webdataset cuts them
LINK = "a link in the archive is not followed"
SPECIAL = "not a regular file"
MOST_OF_HEADER = 2**20  # bytes of a long name or of what a header adds
LONG = frozenset({tarfile.XHDTYPE, tarfile.XGLTYPE, tarfile.SOLARIS_XHDTYPE, *tarfile.GNU_TYPES})
UNNAMED = "member of a name without an ending"
LEAVES = "the member's name leaves the archive"


class Header(tarfile.TarInfo):
    """A header of which no part is read that says it is huge."""

    def _proc_member(self, archive: tarfile.TarFile) -> tarfile.TarInfo:
        if self.type in LONG and self.type != tarfile.GNUTYPE_SPARSE and self.size > MOST_OF_HEADER:
            raise tarfile.HeaderError(f"a header of {self.size} bytes, more than {MOST_OF_HEADER}")
        return super()._proc_member(archive)  # type: ignore[misc]


class Members:
    """Where the members of one extension are: one column of the index, 24 bytes a member."""

    def __init__(self) -> None:
        self.rows, self.offsets, self.sizes = array("q"), array("q"), array("q")
        self.errors: dict[int, str] = {}  # by row; rare

    def add(self, row: int, offset: int, size: int, error: str) -> None:
        """Note one member; rows rise."""
        self.rows.append(row)
        self.offsets.append(offset)
        self.sizes.append(size)
        if error:
            self.errors[row] = error

    def find(self, row: int) -> tuple[int, int] | None:
        """Offset and size of the member of a row; None where the row has none."""
        rows = np.frombuffer(self.rows, np.int64)
        at = int(np.searchsorted(rows, row))
        if at == rows.size or rows[at] != row:
            return None
        return self.offsets[at], self.sizes[at]


class TarReader:
    """Members by an index of offsets; nothing is ever unpacked to disk."""

    features: Mapping[str, Feature] = {}

    def __init__(self, paths: tuple[Path, ...], most: int) -> None:
        self.paths, self._most = paths, most
        self._most_members, self._most_extensions = TAR_MEMBERS.most, EXTENSIONS.most
        self._keys: list[str] = []
        self._count = 0
        self._members: dict[str, Members] = {}
        self.aside: tuple[Aside, ...] = ()
        self._starts: list[int] = []
        for path in paths:
            self._starts.append(len(self._keys))
            self._index(path)
        self._fields = self._field_types()
        columns = [(KEY, pa.string()), *((extension, CELL) for extension in self._members)]
        self.schema = pa.schema([*columns, *self._fields.items()])

    def __len__(self) -> int:
        return len(self._keys)

    def take(self, columns: Sequence[str], rows: NDArray[np.int64]) -> pa.Table:
        """Some rows, in the order asked for."""
        if rows.size and (rows.min() < 0 or rows.max() >= len(self)):
            raise IndexError(f"rows {rows.min()} to {rows.max()} of {len(self)}")
        arrays = [self._column(c, rows.tolist()) for c in columns]
        return pa.table(arrays, names=list(columns))

    def column(self, name: str) -> pa.ChunkedArray:
        """One column of all rows."""
        return pa.chunked_array([self._column(name, range(len(self)))])

    def place(self, row: int) -> str:
        """Where a row is: its archive and the name of its members."""
        return f"{self.paths[self._shard(row)]} sample {self._keys[row]!r}"

    def file_starts(self) -> NDArray[np.int64]:
        """First row of each archive, ``(archives,)``."""
        return np.array(self._starts, np.int64)

    def digest(self) -> str:
        """sha256 of the archives."""
        return content_digest(self.paths)

    def _shard(self, row: int) -> int:
        return int(np.searchsorted(self._starts, row, side="right")) - 1

    def _column(self, name: str, rows: Sequence[int]) -> pa.Array:
        if name == KEY:
            return pa.array([self._keys[row] for row in rows], pa.string())
        if name in self._members:
            return pa.array(self._cells(name, rows), CELL)
        values = [self._field(cell, name, row) for cell, row in self._with_rows(FIELDS, rows)]
        kind = self._fields[name]
        try:  # nothing but null where the types were looked for: what is further on decides
            return pa.array(values, None if pa.types.is_null(kind) else kind)
        except (pa.ArrowException, UnicodeEncodeError) as error:
            raise InputError(
                f"mixed types in the field {name!r} of the .json members: {error}",
                where=self.place(rows[0]),
                fix="write the field in one type",
            ) from error

    def _with_rows(self, name: str, rows: Sequence[int]) -> Iterator[tuple[Any, int]]:
        return zip(self._cells(name, rows), rows, strict=True)

    def _cells(self, extension: str, rows: Sequence[int]) -> Iterator[dict[str, Any] | None]:
        members = self._members[extension]
        opened, file = -1, None
        try:
            for row in rows:
                span = members.find(row)
                if span is None:
                    yield None
                    continue
                if (shard := self._shard(row)) != opened:
                    if file is not None:
                        file.close()
                    opened, file = shard, self.paths[shard].open("rb")
                path = f"{self._keys[row]}.{extension}"
                error = members.errors.get(row) or self._too_large(span[1])
                data = None if error or file is None else os.pread(file.fileno(), *span[::-1])
                yield {"bytes": data, "path": path, "error": error or None}
        finally:
            if file is not None:
                file.close()

    def _too_large(self, size: int) -> str:
        return f"{size} bytes, more than max_bytes = {self._most}" if size > self._most else ""

    def _field(self, cell: dict[str, Any] | None, name: str, row: int) -> Any:
        return None if cell is None else self._record(cell, row).get(name)

    def _record(self, cell: dict[str, Any], row: int) -> dict[str, Any]:
        try:
            record = from_json(cell["bytes"] or b"")
        except ValueError as error:
            raise InputError(
                f"the .json member is not JSON: {cell['error'] or error}",
                where=self.place(row),
                fix="write one JSON object a member",
            ) from error
        if not isinstance(record, dict):
            raise InputError(
                "the .json member is not an object", where=self.place(row), fix="write an object"
            )
        return record

    def _field_types(self) -> dict[str, pa.DataType]:
        if FIELDS not in self._members:
            return {}
        types: dict[str, pa.DataType] = {}
        rows = self._members[FIELDS].rows[:LOOKED_AT].tolist()
        for cell, row in self._with_rows(FIELDS, rows):
            record = self._record(cell, row)
            try:
                types = merged(types, record)
            except Mixed as mixed:
                raise InputError(
                    f"{mixed}: mixed types in one field",
                    where=self.place(row),
                    fix="write the values of a field in one type",
                ) from mixed
        return {n: t for n, t in types.items() if n not in self._members and n != KEY}

    def _index(self, path: Path) -> None:
        size = path.stat().st_size
        packed = "" if path.name.endswith(".tar") else "; unpack .gz or .zst archives to .tar"
        parsing = refusing("not a whole tar archive", path, f"copy the file again{packed}")
        with parsing:
            archive = tarfile.open(path, "r:", tarinfo=Header)  # noqa: SIM115  closed below
        with archive:
            while True:
                with parsing:
                    member = archive.next()
                    if member and member.offset_data + member.size > size:
                        raise tarfile.ReadError("unexpected end of data")
                if member is None:
                    break
                self._note(member, path)
                # tarfile would keep every header
                archive.members = []  # type: ignore[attr-defined]
            end = archive.offset
        with parsing:
            _check_end(path, end)
        self._check_together(path)

    def _check_together(self, path: Path) -> None:
        """Refuse an archive in which a sample begins again: it would be several samples."""
        keys = self._keys[self._starts[-1] :]
        if len(set(keys)) == len(keys):
            return
        before: set[str] = set()
        for again in keys:
            if again in before:
                break
            before.add(again)
        raise InputError(
            f"the archive is not sorted: the files of the sample {again!r} do not stand together",
            where=str(path),
            fix="write it again with the files of a sample together, as tar --sort=name does",
        )

    def _note(self, member: tarfile.TarInfo, path: Path) -> None:
        match = NAME.fullmatch(member.name)
        if member.isdir():
            return
        if not match:
            before = self.aside[0] if self.aside else Aside(UNNAMED, 0, member.name)
            self.aside = (Aside(UNNAMED, before.count + 1, before.first),)
            return
        if not is_text(member.name):
            raise InputError(
                f"the name of the member {member.name!r} is not UTF-8",
                where=str(path),
                fix="write the archive with names in UTF-8",
            )
        key, extension = match.groups()
        if len(self._keys) == self._starts[-1] or self._keys[-1] != key:
            self._keys.append(key)
        row = len(self._keys) - 1
        self._count += 1
        members = self._members.setdefault(extension, Members())
        if self._count > self._most_members:
            raise _too_many("members", TAR_MEMBERS, path)
        if len(self._members) > self._most_extensions:
            raise _too_many("extensions", EXTENSIONS, path)
        if members.rows and members.rows[-1] == row:
            raise InputError(
                f"the member {member.name!r} is there twice",
                where=str(path),
                fix="give every sample a name of its own before the first dot",
            )
        members.add(row, member.offset_data, member.size, _error(member))


def open(paths: tuple[Path, ...], *, most: int = MAX_BYTES) -> TarReader:  # noqa: A001
    """Open tar archives; only their headers are read.

    Args:
        paths: The archives, in their order.
        most: Bytes of a member at most; a larger one is skipped, with the reason.

    Raises:
        InputError: An archive is not whole, names a member twice, or has others between the members
            of a sample.
    """
    return TarReader(paths, most)


def _check_end(path: Path, at: int) -> None:
    # tarfile takes a header that is cut off or damaged for the end; a whole archive ends in zeros
    with path.open("rb") as file:
        file.seek(at)
        block = file.read(tarfile.BLOCKSIZE)
    if any(block) or len(block) < tarfile.BLOCKSIZE:
        raise tarfile.ReadError(f"damaged or cut off at byte {at}")


def _error(member: tarfile.TarInfo) -> str:
    if member.issym() or member.islnk():
        return LINK
    if not member.isreg() or member.issparse():
        return SPECIAL
    if member.name.startswith("/") or ".." in member.name.split("/"):
        return LEAVES
    return ""


def _too_many(what: str, most: Ceiling, path: Path) -> InputError:
    return InputError(f"{what}: more than {most}", where=str(path), fix=most.fix)
