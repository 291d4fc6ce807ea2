"""Parquet files that others wrote: opened, and read in steps that cannot grow beyond a bound.

A file says how many bytes each of its columns has once it is unpacked; and values that are written
once and repeated by number grow again when they are read. Both are bounded by what the file itself
has: what grows to more than `PARQUET_BYTES` and a hundred times its own is no data but a trap.
"""

from collections.abc import Iterator, Sequence
from os import fspath
from pathlib import Path
from typing import Any

import pyarrow as pa
from pyarrow import parquet

from mmaudit.errors import InputError
from mmaudit.parsing import _repeats
from mmaudit.parsing.base import Parsing, check_name, refusing
from mmaudit.parsing.limits import COLUMNS, PARQUET_BYTES, check_columns

RATIO = 100  # times that a column may be larger than in its file
STEP = 128 * 2**20  # bytes that values which are repeated may take at once
USUAL, ROWS = (
    2 * 2**20,
    256,
)  # bytes of values that writers repeat, and rows that may be read of them
NAME = "the name of a Parquet file, or of a folder above it,"
BROKEN = "not a whole Parquet file"
WHOLE = "copy or write the file again"


def opened(
    path: str | Path, *, what: str = BROKEN, fix: str = WHOLE, **options: Any
) -> parquet.ParquetFile:
    """Open a file without reading its rows.

    Args:
        path: The file.
        what: What is said where it is not such a file; the reason follows.
        fix: What to try then.
        **options: Passed to ``pyarrow.parquet.ParquetFile``.

    Raises:
        InputError: There is no such file, it is no Parquet, or it would grow beyond the bounds.
    """
    if not fspath(path).isascii():
        check_name(fspath(path), NAME, "another: the library that reads Parquet cannot open it")
    with reading(path, what=what, fix=fix):
        file = parquet.ParquetFile(path, **options)
        count = file.metadata.num_columns
        sizes = _sizes(file, range(file.metadata.num_row_groups)) if count <= COLUMNS.most else {}
        _ = file.schema_arrow
    check_columns(count, path)
    for name, (packed, unpacked) in sizes.items():
        _check(name, packed, unpacked, path)
    return file


def reading(path: str | Path, *, what: str = BROKEN, fix: str = WHOLE) -> Parsing:
    """A time in which an opened file is read: what fails then is said of the file."""
    return refusing(what, path, fix)


def batches(
    file: parquet.ParquetFile,
    path: str | Path,
    columns: Sequence[str] | None = None,
    groups: Sequence[int] | None = None,
    rows: int = 2**16,
    *,
    what: str = BROKEN,
    fix: str = WHOLE,
) -> Iterator[pa.RecordBatch]:
    """Columns of some row groups in steps: fewer rows where large values are repeated.

    Args:
        file: The opened file.
        path: Where it is, for the refusal.
        columns: Their names; all by default.
        groups: Row groups; all by default.
        rows: Rows of a step at most.
        what: As in `opened`.
        fix: As in `opened`.

    Raises:
        InputError: A page is damaged, or the values grow beyond the bounds.
    """
    wanted = list(range(file.metadata.num_row_groups) if groups is None else groups)
    with reading(path, what=what, fix=fix):
        sizes = _sizes(file, wanted)
        packed = sum(s[0] for name, s in sizes.items() if columns is None or name in columns)
        step = _step(file, path, wanted, columns, rows)
    listed = None if columns is None else list(columns)
    with reading(path, what=what, fix=fix):
        steps = file.iter_batches(step, row_groups=wanted, columns=listed, use_threads=False)
    grown = 0
    while True:
        with reading(path, what=what, fix=fix):
            batch = next(steps, None)
            if batch is not None:
                batch = _plain(batch)
                batch.validate(full=True)  # texts that are not UTF-8 fail wherever they are read
        if batch is None:
            return
        grown += batch.nbytes
        _check(", ".join(listed or ["the rows"]), packed, grown, path)
        yield batch


def table(
    path: str | Path,
    columns: Sequence[str] | None = None,
    *,
    what: str = BROKEN,
    fix: str = WHOLE,
) -> pa.Table:
    """A file as one table.

    Args:
        path: The file.
        columns: Names of the columns; all by default. One that is not there is refused.
        what: As in `opened`.
        fix: As in `opened`.

    Raises:
        InputError: As `opened` and `batches`, or it has no such column.
    """
    with opened(path, what=what, fix=fix) as file:
        schema = file.schema_arrow
        for name in columns or ():
            if name not in schema.names:
                raise InputError(f"there is no column {name!r}", where=str(path), fix=fix)
        listed = list(batches(file, path, columns, what=what, fix=fix))
    with reading(path, what=what, fix=fix):
        empty = _plain(pa.RecordBatch.from_pylist([], schema))
        whole = pa.Table.from_batches(listed, listed[0].schema if listed else empty.schema)
        return whole if columns is None else whole.select(list(columns))


def _sizes(file: parquet.ParquetFile, groups: Sequence[int]) -> dict[str, tuple[int, int]]:
    """Bytes of each column in the file, and unpacked as the file says."""
    sizes: dict[str, tuple[int, int]] = {}
    for group in groups:
        facts = file.metadata.row_group(group)
        for number in range(facts.num_columns):
            chunk = facts.column(number)
            name = chunk.path_in_schema.split(".")[0]
            packed, unpacked = sizes.get(name, (0, 0))
            sizes[name] = (
                packed + chunk.total_compressed_size,
                unpacked + chunk.total_uncompressed_size,
            )
    return sizes


def _step(
    file: parquet.ParquetFile,
    path: str | Path,
    groups: Sequence[int],
    columns: Sequence[str] | None,
    rows: int,
) -> int:
    """Rows of a step, so that values which are written once do not fill the memory in one."""
    most = 1
    with Path(path).open("rb") as raw:
        for group in groups:
            facts = file.metadata.row_group(group)
            for number in range(facts.num_columns):
                chunk = facts.column(number)
                if columns is None or chunk.path_in_schema.split(".")[0] in columns:
                    most = max(most, _repeats.largest(raw, chunk))
    return max(1 if most > USUAL else ROWS, min(rows, STEP // most))


def _plain(batch: pa.RecordBatch) -> pa.RecordBatch:
    """A step with its values as they are, and not as numbers of values that are written once."""
    arrays = [
        array.dictionary_decode() if pa.types.is_dictionary(array.type) else array
        for array in batch.columns
    ]
    fields = [f.with_type(a.type) for f, a in zip(batch.schema, arrays, strict=True)]
    return pa.RecordBatch.from_arrays(arrays, schema=pa.schema(fields, batch.schema.metadata))


def _check(name: str, packed: int, grown: int, path: str | Path) -> None:
    """Refuse what grows too much."""
    if grown <= PARQUET_BYTES.most or grown <= RATIO * packed:
        return
    raise InputError(
        f"{name}: {packed:,} bytes of the file grow to {grown:,}, more than {RATIO} times as many "
        f"and more than {PARQUET_BYTES}",
        where=str(path),
        fix=f"write the values plainly, in more row groups or files; or {PARQUET_BYTES.fix}",
    )
