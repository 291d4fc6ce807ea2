"""Forms: how corrupted samples are written: as Parquet, as files in a folder, as tar archives.

The worker that made samples writes them where they stay, so that workers share that too. What it
leaves as its unit's table is all that is needed to finish, and says that the rest is written.
"""

import json
import re
import tarfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Any, ClassVar, Protocol

import pyarrow as pa

from mmaudit.engines.base import Unit, Work
from mmaudit.files import replacing, write_bytes
from mmaudit.injection.options import Format
from mmaudit.injection.write.manifest import DATA, PARTS
from mmaudit.injection.write.names import file_columns, plain_columns, safe, stems
from mmaudit.kinds.base import is_media
from mmaudit.samples.dataset import Dataset
from mmaudit.tables import store

METADATA = "metadata.jsonl"
AT_ONCE = 64  # samples whose files are held beside their table
LINE = pa.schema([("line", pa.string()), ("files", pa.map_(pa.string(), pa.string()))])
SUFFIX = pa.schema([("modality", pa.string()), ("suffix", pa.string())])
SUFFIX_OF = re.compile(r"(?<=[^/])\.[a-z0-9]{1,5}\Z")  # of a file name
SUFFIXES = {b"\x89PNG": ".png", b"\xff\xd8\xff": ".jpg", b"fLaC": ".flac", b"OggS": ".ogg"}
SAME: dict[str, Format] = {
    "webdataset": "webdataset",
    "imagefolder": "folder",
    "_text": "folder",  # CSV and JSONL
}  # by the module of the reader; everything else is written as Parquet


@dataclass(frozen=True, slots=True)
class WrittenFile:
    """What is known of the samples when all are written.

    Attributes:
        columns: The column of each modality whose column is not its name.
        hashes: sha256 of files that the workers took, by path relative to the dataset's folder.
    """

    columns: dict[str, str] = field(default_factory=dict)
    hashes: dict[str, str] = field(default_factory=dict)


class Form(Protocol):
    """One way to write samples."""

    path: ClassVar[str]  # where the data is, relative to the manifest
    reader: ClassVar[str]  # name of the reader that opens it

    @property
    def parts(self) -> Path:
        """Folder of the units' tables."""
        ...

    def keep(self, table: pa.Table, start: int) -> pa.Table:
        """Write the samples of a unit whose first row is ``start``; the table that it leaves."""
        ...

    def finish(self) -> WrittenFile:
        """Bring the units' tables together."""
        ...


@dataclass(frozen=True, slots=True)
class Written:
    """Work whose samples are written in a form."""

    work: Work
    form: Form

    @property
    def processes(self) -> bool:
        """As the work itself."""
        return self.work.processes

    def __call__(self, rows: range) -> pa.Table:
        """Make and write the samples; what the form leaves of the work's table."""
        return self.form.keep(self.work(rows), rows.start)

    def row_group(self, table: pa.Table) -> int:
        """As the work itself."""
        return self.work.row_group(table)


def form(dataset: Dataset, name: Format, out: Path, units: tuple[Unit, ...]) -> Form:
    """The form of the output: what is asked for, or the nearest to that of the source.

    Args:
        dataset: The clean dataset.
        name: Name of the form.
        out: Folder of the corrupted dataset.
        units: What it is made in.
    """
    if name == "same":
        name = SAME.get(dataset.source.form, "parquet")
    media = tuple(m for m, kind in dataset.kinds.items() if is_media(kind))
    taken = plain_columns(dataset)
    if name == "folder":
        return Folder(out, file_columns(media, taken), stems(media))
    if name == "webdataset":
        return Archives(out, stems(media, taken), units[0].stop)
    return Parquet(out)


@dataclass(frozen=True, slots=True)
class Parquet:
    """Parquet: the units' tables are the data.

    Attributes:
        out: Folder of the dataset.
    """

    out: Path
    path: ClassVar[str] = f"{DATA}/*.parquet"
    reader: ClassVar[str] = "parquet"

    @property
    def parts(self) -> Path:
        """The data itself."""
        return self.out / DATA

    def keep(self, table: pa.Table, start: int) -> pa.Table:  # noqa: ARG002  a Form's
        """The samples as they are."""
        return table

    def finish(self) -> WrittenFile:
        """Nothing is left to do."""
        return WrittenFile()


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder: every picture and sound is a file, and the rest is ``metadata.jsonl``.

    Attributes:
        out: Folder of the dataset.
        columns: The column of each modality that is files.
        folders: The folder of each, in that of the data.
    """

    out: Path
    columns: dict[str, str]
    folders: dict[str, str]
    path: ClassVar[str] = f"{DATA}/{METADATA}"
    reader: ClassVar[str] = "jsonl"

    @property
    def parts(self) -> Path:
        """Tables of the lines of ``metadata.jsonl``."""
        return self.out / PARTS / DATA

    def keep(self, table: pa.Table, start: int) -> pa.Table:
        """Write the files; whatever an interrupted run left there is written over."""
        lines = [self._line(start + i, record) for i, record in enumerate(_records(table))]
        return pa.Table.from_pylist(lines, LINE.with_metadata(table.schema.metadata))

    def finish(self) -> WrittenFile:
        """Join the lines."""
        folder = self.out / DATA
        hashes: dict[str, str] = {}
        with replacing(folder / METADATA, shared=False) as lines:
            for table in store.stream(self.parts):
                lines.writelines(line.encode() for line in table.column("line").to_pylist())
                for files in table.column("files").to_pylist():
                    hashes |= {f"{DATA}/{name}": digest for name, digest in files}
        return WrittenFile(self.columns, hashes)

    def _line(self, row: int, record: dict[str, Any]) -> dict[str, Any]:
        line, files = _plain(record, self.folders), {}
        for modality, folder in self.folders.items():
            cell, column = record[modality], self.columns[modality]
            line[column] = None
            if cell is not None:
                name = _named(row, record["id"], cell)
                line[column] = f"{folder}/{name}"
                path = f"{self.out}/{DATA}/{folder}/{name}"
                write_bytes(path, cell["bytes"], shared=False, durable=False)
                files[line[column]] = sha256(cell["bytes"]).hexdigest()
        return {"line": json.dumps(line, ensure_ascii=False) + "\n", "files": list(files.items())}


@dataclass(frozen=True, slots=True)
class Archives:
    """Tar archives in the form of WebDataset, one for each unit.

    Attributes:
        out: Folder of the dataset.
        stems: What the suffixes of each modality that is files begin with.
        rows: Samples of an archive.
    """

    out: Path
    stems: dict[str, str]
    rows: int
    path: ClassVar[str] = f"{DATA}/*.tar"
    reader: ClassVar[str] = "webdataset"

    @property
    def parts(self) -> Path:
        """Tables of the suffixes that there are."""
        return self.out / PARTS / DATA

    def keep(self, table: pa.Table, start: int) -> pa.Table:
        """Write the archive."""
        folder, name = self.out / DATA, f"{start // self.rows:06d}.tar"
        suffixes: set[tuple[str, str]] = set()
        with (
            replacing(folder / name, shared=False) as file,
            tarfile.open(fileobj=file, mode="w", format=tarfile.PAX_FORMAT) as archive,
        ):
            for row, record in enumerate(_records(table), start):
                suffixes |= self._add(archive, row, record)
        rows = [{"modality": m, "suffix": suffix} for m, suffix in sorted(suffixes)]
        return pa.Table.from_pylist(rows, SUFFIX.with_metadata(table.schema.metadata))

    def finish(self) -> WrittenFile:
        """Find the suffixes of each modality of media, as ``camera.jpg|camera.png``."""
        suffixes: dict[str, set[str]] = {m: set() for m in self.stems}
        for table in store.stream(self.parts):
            for row in table.to_pylist():
                suffixes[row["modality"]].add(row["suffix"])
        return WrittenFile(
            {m: "|".join(sorted(suffixes[m])) or _absent(stem) for m, stem in self.stems.items()}
        )

    def _add(
        self, archive: tarfile.TarFile, row: int, record: dict[str, Any]
    ) -> set[tuple[str, str]]:
        key, suffixes = f"{row:09d}", set()
        facts = _plain(record, self.stems)  # with what is absent, so that its name is known
        facts |= {_absent(stem): None for m, stem in self.stems.items() if record[m] is None}
        _add(archive, f"{key}.json", json.dumps(facts, ensure_ascii=False).encode())
        for modality, stem in self.stems.items():
            cell = record[modality]
            if cell is not None:
                suffix = f"{stem}{_suffix(cell)}"
                suffixes.add((modality, suffix))
                _add(archive, f"{key}.{suffix}", cell["bytes"])
        return suffixes


def _records(table: pa.Table) -> Iterator[dict[str, Any]]:
    for batch in table.to_batches(max_chunksize=AT_ONCE):
        yield from batch.to_pylist()


def _plain(record: dict[str, Any], media: Mapping[str, str]) -> dict[str, Any]:
    return {name: value for name, value in record.items() if name not in media}


def _absent(stem: str) -> str:
    """The column of a modality of media that no sample has."""
    return f"{stem}.bin"


def _named(row: int, name: str, cell: dict[str, Any]) -> str:
    """A file name that no other sample has, and that says whose it is."""
    return f"{row:07d}_{safe(name)[:80]}{_suffix(cell)}"


def _suffix(cell: dict[str, Any]) -> str:
    match = SUFFIX_OF.search((cell["path"] or "").lower())
    if match:
        return match[0]
    data: bytes = cell["bytes"]
    if data[:4] == b"RIFF":
        return ".wav" if data[8:12] == b"WAVE" else ".webp"
    return next((s for magic, s in SUFFIXES.items() if data.startswith(magic)), ".bin")


def _add(archive: tarfile.TarFile, name: str, data: bytes) -> None:
    member = tarfile.TarInfo(name)  # no time, no owner: the same bytes whoever writes it
    member.size = len(data)
    archive.addfile(member, BytesIO(data))
