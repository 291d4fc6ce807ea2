"""Tables on disk: Parquet, written whole or not at all, read only if mmaudit wrote it."""

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
from pyarrow import parquet

from mmaudit.errors import InputError
from mmaudit.files import replacing
from mmaudit.tables.provenance import KEY

ROW_GROUP = 65_536


def write(table: pa.Table, path: str | Path, *, row_group: int = ROW_GROUP) -> Path:
    """Write a table atomically: a reader sees the old file or the new one, never a part."""
    with replacing(path) as file:
        parquet.write_table(
            table, file, compression="zstd", row_group_size=row_group, store_schema=True
        )
    return Path(path)


def read(path: str | Path, columns: list[str] | None = None) -> pa.Table:
    """Read a table that mmaudit wrote; anything else is refused.

    Raises:
        InputError: There is no such file, it is not Parquet, or mmaudit did not write it.
    """
    return opened(path).read(columns)


def opened(path: str | Path) -> parquet.ParquetFile:
    """Open a table that mmaudit wrote without reading its rows; anything else is refused."""
    file = part(path)
    if KEY not in (file.schema_arrow.metadata or {}):
        raise InputError(
            "mmaudit did not write this table", where=str(path), fix="pass a file of a run folder"
        )
    return file


def part(path: str | Path) -> parquet.ParquetFile:
    """Open one file of a table, whoever wrote it.

    Raises:
        InputError: There is no such file, or it is not Parquet.
    """
    try:
        return parquet.ParquetFile(path)
    except FileNotFoundError as error:
        raise InputError("there is no such table", where=str(path), fix="check the path") from error
    except (pa.ArrowInvalid, OSError) as error:
        raise InputError(
            "not a whole Parquet file", where=str(path), fix="run the audit again"
        ) from error


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
