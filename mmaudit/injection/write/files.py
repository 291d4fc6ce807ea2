"""Files: pictures and sounds of a copy beside its tables, called as in the source."""

from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import Any

import pyarrow as pa

from mmaudit.files import write_bytes
from mmaudit.injection.write.layout import CopyLayout
from mmaudit.injection.write.manifest import DATA
from mmaudit.injection.write.names import Clashes, clashes, inside, misnamed, named

HEAD = 12  # bytes that tell what a file is


@dataclass(frozen=True)
class Files:
    """Where the files of a copy go, and what they are called.

    Attributes:
        layout: The columns.
        out: Folder of the dataset.
    """

    layout: CopyLayout
    out: Path

    @cached_property
    def _clashes(self) -> dict[str, Clashes]:
        layout = self.layout
        listed = {
            home: layout.named(column)
            for homes in layout.homes.values()
            for column, home in homes.items()
            if home in layout.files
        }
        return clashes({home: names for home, names in listed.items() if names is not None})

    @property
    def renamed(self) -> dict[str, int]:
        """How many files have an id in their name, as others are called so too, by column."""
        touched = self.layout.touched
        counts = {
            column: int(clash.whole.sum())
            for column, clash in self._clashes.items()
            if self.layout.media[column] in touched and column != self.layout.id
        }
        return {column: n for column, n in counts.items() if n}

    @property
    def endings(self) -> dict[str, int]:
        """How many files have a name that is the id, and so stays, and hold another form now."""
        column = self.layout.id
        if self.layout.media.get(column) not in self.layout.values:
            return {}
        names = self.layout.dataset.column("id").to_pylist()
        paths = [self.out / DATA / (inside(name) or "") for name in names]
        count = sum(path.is_file() and misnamed(path.name, _head(path)) for path in paths)
        return {column: count} if count else {}

    def write(
        self, table: pa.Table, column: str, start: int
    ) -> tuple[list[str | None], dict[str, str]]:
        """Write the files of a column; their names, None where absent, and their hashes.

        Args:
            table: The samples, with a column of what becomes files.
            column: That column.
            start: Position of the first sample.
        """
        ids = self.layout.dataset.column("id").slice(start, table.num_rows).to_pylist()
        names: list[str | None] = []
        hashes: dict[str, str] = {}
        for i, (cell, id_) in enumerate(zip(table.column(column), ids, strict=True)):
            file = cell.as_py()
            if file is None or file["bytes"] is None:
                names.append(None if file is None else file["path"])
                continue
            name = self._name(column, start + i, id_, file)
            shared = self._at(column, start + i)[0]
            write_bytes(f"{self.out}/{DATA}/{name}", file["bytes"], shared=shared, durable=False)
            hashes[f"{DATA}/{name}"] = sha256(file["bytes"]).hexdigest()
            names.append(file["path"] if inside(file["path"]) == name else name)
        return names, hashes

    def as_names(self, table: pa.Table, start: int) -> pa.Table:
        """Write the files of all columns that the source names; the table with their names.

        Args:
            table: The samples, with columns of what becomes files.
            start: Position of the first sample.
        """
        for column in sorted(self.layout.files):
            names, _ = self.write(table, column, start)
            at = table.schema.get_field_index(column)
            was = self.layout.field_of(column)
            array = pa.array(names, pa.string())
            if pa.types.is_struct(was.type):
                array = pa.StructArray.from_arrays([array], ["path"], mask=array.is_null())
            table = table.set_column(at, was.with_name(column), array.cast(was.type))
        return table

    def _name(self, column: str, position: int, id_: str, file: dict[str, Any]) -> str:
        changed = file["changed"] and column != self.layout.id  # ids stay what they are
        own, at = file["path"], self._at(column, position)
        return named(own, column, id_, file["suffix"], changed=changed, at=at)

    def _at(self, column: str, position: int) -> tuple[bool, bool]:
        clash = self._clashes.get(column)
        if clash is None:
            return False, False
        return bool(clash.whole[position]), bool(clash.stem[position])


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(HEAD)
