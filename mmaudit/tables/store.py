"""Tables on disk: Parquet, written whole or not at all, read only as mmaudit wrote them.

Each is sealed by a digest of its own bytes, and each page of it by a checksum; both are looked at
whenever it is opened and read, so that a table with a flipped bit is refused and never a number.
"""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import pyarrow as pa
from pyarrow import parquet

from mmaudit.errors import InputError
from mmaudit.files import replacing
from mmaudit.parsing.base import Parsing
from mmaudit.parsing.documents import from_json
from mmaudit.tables import seal
from mmaudit.tables.provenance import AGAIN, KEY, SCHEMA_VERSION

ROW_GROUP = 65_536


def write(table: pa.Table, path: str | Path, *, row_group: int = ROW_GROUP) -> Path:
    """Write a table atomically: a reader sees the old file or the new one, never a part."""
    return _write(table.schema, [table], path, row_group)


def join(
    folder: str | Path,
    path: str | Path,
    of: Callable[[pa.Table], pa.Table] | None = None,
    *,
    row_group: int = ROW_GROUP,
) -> Path:
    """Join the parts of a table into one file, one part in memory at a time.

    Args:
        folder: The parts.
        path: The file.
        of: What of each part is taken; all of it where nothing is said.
        row_group: Rows that belong together.
    """
    with opened(parts(folder)[0]) as first:
        schema = first.schema_arrow
    if of is None:
        return _write(schema, stream(folder), path, row_group)
    return _write(of(schema.empty_table()).schema, map(of, stream(folder)), path, row_group)


def _write(schema: pa.Schema, tables: Iterable[pa.Table], path: str | Path, row_group: int) -> Path:
    with replacing(path) as file:
        with parquet.ParquetWriter(
            file,
            schema,
            compression="zstd",
            use_dictionary=_repeated(schema),
            store_schema=True,
            write_page_checksum=True,
        ) as writer:
            for table in tables:
                writer.write_table(table, row_group_size=row_group)
            writer.add_key_value_metadata({seal.KEY: seal.BLANK})
        seal.close(file)
    return Path(path)


def _repeated(schema: pa.Schema) -> list[str]:
    """Columns that have a dictionary: of floats it costs more time and bytes than it saves."""
    own = [f for f in schema if not pa.types.is_nested(f.type)]
    return [f.name for f in own if not pa.types.is_floating(f.type)]


def read(path: str | Path, columns: list[str] | None = None) -> pa.Table:
    """Read a table that mmaudit wrote; anything else is refused.

    Raises:
        InputError: There is no such file, it is damaged, mmaudit did not write it, or a version of
            mmaudit did whose tables mean something else.
    """
    with opened(path) as file, reading(path):
        return file.read(columns)


def opened(path: str | Path) -> parquet.ParquetFile:
    """Open a table that mmaudit wrote without reading its rows; anything else is refused."""
    file = part(path)
    entries = (file.schema_arrow.metadata or {}).get(KEY)
    if entries is None:
        raise InputError(
            "mmaudit did not write this table", where=str(path), fix="pass a file of a run folder"
        )
    with reading(path):
        version = from_json(entries).get("schema_version")
    if version != SCHEMA_VERSION:
        raise InputError(
            f"another version of mmaudit wrote this table: its schema is {version}, and this "
            f"version reads {SCHEMA_VERSION}",
            where=str(path),
            fix="the version that wrote it, or run the audit again with this one",
        )
    return file


def part(path: str | Path) -> parquet.ParquetFile:
    """Open one file of a table, which need not say how it was made.

    Raises:
        InputError: There is no such file, or it is not byte for byte what was written.
    """
    try:
        if not seal.unbroken(path):
            raise damaged(path)
    except FileNotFoundError as error:
        raise InputError("there is no such table", where=str(path), fix="check the path") from error
    except (OSError, ValueError) as error:
        raise damaged(path) from error
    with reading(path):
        return parquet.ParquetFile(path, page_checksum_verification=True)


def reading(path: str | Path) -> Parsing:
    """A time in which an opened table is read: what fails then is the file's damage."""
    return Parsing(lambda _: damaged(path), str(path))


def damaged(path: str | Path) -> InputError:
    """The refusal of a table that is not what was written."""
    return InputError(
        "the table is damaged: it is not the Parquet that was written", where=str(path), fix=AGAIN
    )


def whole(path: str | Path) -> bool:
    """Whether a table is there, byte for byte as it was written."""
    try:
        return seal.unbroken(path)
    except OSError:
        return False


def metadata(path: str | Path) -> dict[bytes, bytes]:
    """The schema metadata of one file."""
    with part(path) as file:
        return dict(file.schema_arrow.metadata or {})


def parts(folder: str | Path) -> list[Path]:
    """The files of a table that is kept in parts, in their order."""
    return sorted(Path(folder).glob("[0-9]*.parquet"))


def stream(folder: str | Path, columns: list[str] | None = None) -> Iterator[pa.Table]:
    """The parts of a table one after the other, so that memory does not grow with rows."""
    for path in parts(folder):
        yield read(path, columns)
