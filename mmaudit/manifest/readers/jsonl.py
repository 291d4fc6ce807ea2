"""JSON Lines: one object a line; a key that is null or not there is absent."""

from array import array
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from mmaudit.errors import InputError
from mmaudit.manifest.readers._spool import Spool
from mmaudit.manifest.readers._text import TextReader
from mmaudit.manifest.readers._types import Mixed, merged
from mmaudit.parsing.documents import from_json
from mmaudit.parsing.limits import MAX_BYTES, check_columns, text_bytes

SUFFIXES = (".jsonl", ".ndjson")
BATCH = 1024

Record = dict[str, Any]


class JsonReader(TextReader):
    """Objects of text files, of which any can be read again as its line says it."""

    def __init__(
        self, paths: tuple[Path, ...], spool: Spool, starts: list[int], lines: NDArray[np.int64]
    ) -> None:
        super().__init__(paths, spool, starts, lines[0])
        self._begins = lines[1]

    def record(self, row: int) -> Record:
        """A row as its line says it: a key that is not there is not there."""
        path = self.paths[int(np.searchsorted(self._starts, row, side="right")) - 1]
        with path.open("rb") as file:
            file.seek(int(self._begins[row]))
            return _record(file.readline(), self.place(row))


def open(paths: tuple[Path, ...], *, most: int = MAX_BYTES) -> JsonReader:  # noqa: A001
    """Open JSON Lines files; all are read twice, for the types and for the values.

    Args:
        paths: The files, in their order.
        most: Bytes of a file at most; a line may have `text_bytes` of it.

    Raises:
        InputError: A line is not an object, or a column is of mixed types; ``file:line`` is named.
    """
    types: dict[str, pa.DataType] = {}
    most = text_bytes(most)
    for path in paths:
        for (line, _), record in _records(path, most):
            try:
                types = merged(types, record)
                check_columns(len(types), f"{path}:{line}")
            except Mixed as mixed:
                raise InputError(
                    f"{mixed}: mixed types in one column",
                    where=f"{path}:{line}",
                    fix="write the values of a column in one type",
                ) from mixed
    starts: list[int] = []
    lines = array("q")
    schema = pa.schema(list(types.items()))
    spool = Spool(_batches(paths, schema, starts, lines, most), schema)
    return JsonReader(paths, spool, starts, np.frombuffer(lines, np.int64).reshape(-1, 2).T)


def _batches(
    paths: tuple[Path, ...],
    schema: pa.Schema,
    starts: list[int],
    lines: "array[int]",
    most: int,
) -> Iterator[pa.RecordBatch]:
    for path in paths:
        starts.append(len(lines) // 2)
        held: list[Record] = []
        for place, record in _records(path, most):
            held.append(record)
            lines.extend(place)
            if len(held) == BATCH:
                yield _batch(held, schema, path, lines)
                held = []
        if held:
            yield _batch(held, schema, path, lines)


def _batch(
    held: list[Record], schema: pa.Schema, path: Path, lines: "array[int]"
) -> pa.RecordBatch:
    try:
        return pa.RecordBatch.from_pylist(held, schema)
    except (pa.ArrowException, UnicodeEncodeError, OverflowError) as error:
        if len(held) == 1:
            raise InputError(
                f"a value does not fit: {error}",
                where=f"{path}:{lines[-2]}",
                fix="write text as Unicode and whole numbers of 64 bits",
            ) from error
        for back, record in enumerate(held):  # find the line that does not fit
            _batch([record], schema, path, lines[: len(lines) - 2 * (len(held) - back - 1)])
        raise


def _records(path: Path, most: int) -> Iterator[tuple[tuple[int, int], Record]]:
    """The objects of a file, with their lines and the bytes that these begin at."""
    begin = after = 0
    with path.open("rb") as file:
        for line, text in enumerate(iter(lambda: file.readline(most + 1), b""), 1):
            begin, after = after, after + len(text)
            if not text.strip():
                continue
            if len(text) > most:
                raise InputError(
                    f"a line of more than {most} bytes",
                    where=f"{path}:{line}",
                    fix="raise max_bytes in [source], or keep large values in files",
                )
            yield (line, begin), _record(text, f"{path}:{line}")


def _record(text: bytes, where: str) -> Record:
    try:
        record = from_json(text)
    except ValueError as error:
        raise InputError(
            f"not a JSON object in UTF-8: {error}", where=where, fix="one object a line"
        ) from error
    if not isinstance(record, dict):
        raise InputError(
            f"not a JSON object but {type(record).__name__}", where=where, fix="one object a line"
        )
    return record
