"""CSV and TSV files with a header; every cell is text, and an empty cell is absent."""

import csv
from array import array
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TextIO

import numpy as np
import pyarrow as pa

from mmaudit.errors import InputError
from mmaudit.manifest.readers._spool import Spool
from mmaudit.manifest.readers._text import TextReader
from mmaudit.manifest.readers.base import is_text
from mmaudit.parsing.limits import MAX_BYTES, check_columns, text_bytes

SUFFIXES = (".csv", ".tsv")
BATCH = 4096
OTHERS = (";", "\t", "|", ",")  # separators that a header of one name gives away


def open(paths: tuple[Path, ...], *, most: int = MAX_BYTES) -> TextReader:  # noqa: A001
    """Open CSV files that have the same columns.

    Args:
        paths: The files, in their order.
        most: Bytes that a file may have; a cell may have `text_bytes` of it, so that a quote which
            is never closed is found soon.

    Raises:
        InputError: A header or a row cannot be right; ``file:line`` is named.
    """
    csv.field_size_limit(text_bytes(most))
    header = _header(paths[0])
    starts: list[int] = []
    lines = array("q")
    schema = pa.schema([(name, pa.string()) for name in header])
    spool = Spool(_batches(paths, header, starts, lines), schema)
    return TextReader(paths, spool, starts, np.frombuffer(lines, np.int64))


def _batches(
    paths: tuple[Path, ...], header: list[str], starts: list[int], lines: "array[int]"
) -> Iterator[pa.RecordBatch]:
    for path in paths:
        starts.append(len(lines))
        if (other := _header(path)) != header:
            raise InputError(
                f"columns {', '.join(other)} are not those of {paths[0].name}",
                where=f"{path}:1",
                fix=f"give every file the header {','.join(header)}",
            )
        held: list[list[str]] = []
        for line, record in _records(path):
            if len(record) != len(header):
                raise InputError(
                    f"{len(record)} cells, the header has {len(header)}",
                    where=f"{path}:{line}",
                    fix="quote cells that hold the separator or a line break",
                )
            if not all(map(is_text, record)):
                raise InputError("not UTF-8", where=f"{path}:{line}", fix="save the file in UTF-8")
            held.append(record)
            lines.append(line)
            if len(held) == BATCH:
                yield _batch(held, header)
                held = []
        if held:
            yield _batch(held, header)


def _batch(records: list[list[str]], header: list[str]) -> pa.RecordBatch:
    columns = zip(*records, strict=True)
    arrays = [pa.array([cell or None for cell in column], pa.string()) for column in columns]
    return pa.RecordBatch.from_arrays(arrays, header)


def _header(path: Path) -> list[str]:
    with _file(path) as file:
        try:
            names: list[str] = next(_reader(path, file), [])
        except csv.Error as error:
            raise _not_csv(error, path, 1) from error
    check_columns(len(names), f"{path}:1")
    if not all(map(is_text, names)):
        raise InputError("not UTF-8", where=f"{path}:1", fix="save the file in UTF-8")
    if not names or not all(names) or len(set(names)) < len(names):
        twice = sorted({n for n in names if names.count(n) > 1})
        raise InputError(
            f"the header names {twice[0]!r} twice" if twice else "the header has no name in a cell",
            where=f"{path}:1",
            fix="give every column a name of its own in the first line",
        )
    other = next((s for s in OTHERS if s in names[0]), "") if len(names) == 1 else ""
    if other:
        raise InputError(
            f"the header is one name, {names[0]!r}: the cells seem to be separated by {other!r}",
            where=f"{path}:1",
            fix="save the file with commas, or as .tsv with tabs",
        )
    return names


def _records(path: Path) -> Iterator[tuple[int, list[str]]]:
    with _file(path) as file:
        reader = _reader(path, file)
        line = 1
        try:
            for record in reader:
                if record and line > 1:
                    yield line, record
                line = reader.line_num + 1
        except csv.Error as error:
            raise _not_csv(error, path, line) from error


def _not_csv(error: csv.Error, path: Path, line: int) -> InputError:
    what, fix = f"not CSV: {error}", "save the file as CSV with double quotes"
    if "field larger" in str(error):
        what = f"a cell of more than {csv.field_size_limit()} characters"
        fix += ", or raise max_bytes in [source]"
    return InputError(what, where=f"{path}:{line}", fix=fix)


def _reader(path: Path, file: TextIO) -> Any:
    return csv.reader(file, delimiter="\t" if path.suffix.lower() == ".tsv" else ",", strict=True)


def _file(path: Path) -> TextIO:
    # what is not UTF-8 comes through as surrogates, so that its line can be told
    return path.open(encoding="utf-8-sig", errors="surrogateescape", newline="")
