"""Archives: tar archives in the form of WebDataset; those of a source keep keys and members."""

import tarfile
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from io import BytesIO
from pathlib import Path
from typing import Any, ClassVar

import pyarrow as pa

from mmaudit.files import replacing
from mmaudit.injection.write.fields import as_before
from mmaudit.injection.write.form import WrittenFile, records, to_json
from mmaudit.injection.write.layout import MEMBER, CopyLayout
from mmaudit.injection.write.manifest import DATA, PARTS
from mmaudit.injection.write.names import clashes, escaped, free, misnamed
from mmaudit.manifest.readers.base import CELL
from mmaudit.manifest.readers.webdataset import KEY
from mmaudit.parsing.documents import from_json
from mmaudit.tables import store

SUFFIX = pa.schema([("column", pa.string()), ("suffix", pa.string()), ("misnamed", pa.int64())])


@dataclass(frozen=True)
class Archives:
    """Tar archives, one for each unit.

    Attributes:
        out: Folder of the dataset.
        layout: The columns.
        rows: Samples of an archive.
    """

    out: Path
    layout: CopyLayout
    rows: int
    path: ClassVar[str] = f"{DATA}/*.tar"
    reader: ClassVar[str] = "webdataset"

    @property
    def parts(self) -> Path:
        """Tables of the suffixes that there are."""
        return self.out / PARTS / DATA

    @cached_property
    def _stems(self) -> dict[str, str]:
        """What the suffixes of each column of files begin with, where the source has others."""
        used = {n.partition(".")[0] for n in self.layout.plain if "." in n} | {MEMBER}
        out: dict[str, str] = {}
        for column in self.layout.media:
            stem = escaped(column).replace("%", "_")
            out[column] = free(stem, used)
            used.add(out[column])
        return out

    @cached_property
    def _repeated(self) -> Any:
        """Which samples have the key of another one, as samples of two archives may."""
        keys = self.layout.dataset.source.reader.column(KEY).take(
            pa.array(self.layout.dataset.rows)
        )
        return clashes({KEY: keys})[KEY].whole

    def keep(self, table: pa.Table, start: int) -> pa.Table:
        """Write the archive."""
        folder, name = self.out / DATA, f"{start // self.rows:06d}.tar"
        ids = self.layout.dataset.column("id").slice(start, table.num_rows).to_pylist()
        there: Counter[tuple[str, str]] = Counter()
        with (
            replacing(folder / name, shared=False) as file,
            tarfile.open(fileobj=file, mode="w", format=tarfile.PAX_FORMAT) as archive,
        ):
            for i, record in enumerate(records(table)):
                key, members = self._members(start + i, ids[i], record, there)
                for ending, data in members:
                    _add(archive, f"{key}.{ending}", data)
        rows = [
            {"column": c, "suffix": ending, "misnamed": n}
            for (c, ending), n in sorted(there.items())
        ]
        return pa.Table.from_pylist(rows, SUFFIX.with_metadata(table.schema.metadata))

    def finish(self) -> WrittenFile:
        """Find the suffixes of each column of files, as ``camera.jpg|camera.png``."""
        endings: dict[str, set[str]] = {c: set() for c in self.layout.media}
        others: Counter[str] = Counter()
        for table in store.stream(self.parts):
            for row in table.to_pylist():
                endings[row["column"]].add(row["suffix"])
                others[row["column"]] += row["misnamed"]
        columns = {c: "|".join(sorted(e)) or self._absent(c) for c, e in endings.items()}
        return WrittenFile(columns, endings={c: n for c, n in others.items() if n})

    def _members(
        self, position: int, id_: str, record: dict[str, Any], there: Counter[tuple[str, str]]
    ) -> tuple[str, list[tuple[str, bytes]]]:
        """The key of a sample, and its members; how its files end, and wrongly, is counted."""
        members: list[tuple[str, bytes]] = []
        absent: dict[str, None] = {}
        for column in self.layout.media:
            file = record.pop(column)
            if file is None or file["bytes"] is None:
                absent[self._absent(column)] = None
                continue
            ending = self._ending(column, file)
            there[column, ending] += file["changed"] and misnamed(ending, file["bytes"])
            members.append((ending, file["bytes"]))
        if not self.layout.same:
            facts = to_json({k: v for k, v in record.items() if k != KEY} | absent)
            return escaped(id_), [(MEMBER, facts.encode()), *members]
        key = record.pop(KEY)
        if self._repeated[position]:
            key = f"{key}~{escaped(id_)}"
        members = [*self._others(record), *members]
        order = {name: i for i, name in enumerate(self.layout.schema.names)}
        return key, sorted(members, key=lambda m: (order.get(m[0], -1), m[0]))

    def _others(self, record: dict[str, Any]) -> Iterator[tuple[str, bytes]]:
        """Members that hold no files: as they are, and with the fields that steps changed."""
        fields = {}
        for name, value in record.items():
            if not self._member(name):
                fields[name] = value
            elif name != MEMBER and value is not None and value["bytes"] is not None:
                yield name, value["bytes"]
        cell = record.get(MEMBER)
        data = None if cell is None else cell["bytes"]
        before = {} if data is None else from_json(data)
        touched = self._changed | ({*fields} - {*self.layout.schema.names})
        after = as_before(before, before | {n: v for n, v in fields.items() if n in touched})
        if after != before:
            yield MEMBER, to_json(after).encode()
        elif data is not None:
            yield MEMBER, data

    @cached_property
    def _changed(self) -> set[str]:
        """Fields of which a step changes values."""
        layout, target = self.layout, self.layout.dataset.manifest.target
        names = {h for m in layout.touched for h in layout.homes[m].values()}
        return names | ({layout.roles[target.column]} if target and layout.labels else set())

    def _member(self, name: str) -> bool:
        schema = self.layout.schema
        return name in schema.names and schema.field(name).type.equals(CELL)

    def _ending(self, column: str, file: Mapping[str, Any]) -> str:
        """What the member is called: as the source's, or else by what it holds.

        Loaders take members of one ending for one column, and some refuse samples that differ in
        their endings. What a file is, its first bytes say to all of them.
        """
        return column if self.layout.same else f"{self._stems[column]}{file['suffix']}"

    def _absent(self, column: str) -> str:
        """The column of files that no sample has."""
        return column if self.layout.same else f"{self._stems[column]}.bin"


def _add(archive: tarfile.TarFile, name: str, data: bytes) -> None:
    member = tarfile.TarInfo(name)  # no time, no owner: the same bytes whoever writes it
    member.size = len(data)
    archive.addfile(member, BytesIO(data))
