"""Parquet files, plain or written by Hugging Face datasets."""

from collections import OrderedDict
from collections.abc import Iterator, Sequence
from pathlib import Path
from threading import Lock

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pyarrow.parquet import ParquetFile

from mmaudit.errors import InputError
from mmaudit.manifest.readers._blocks import BlockReader
from mmaudit.manifest.readers._hugging import features, field, named, plain, plain_table
from mmaudit.manifest.readers._spool import Spool, SpooledBlocks
from mmaudit.parsing import parquet
from mmaudit.parsing.limits import MAX_BYTES

SUFFIXES = (".parquet", ".pq")
LARGE = 32 * 2**20  # bytes of a column of a row group that is never held as a whole
KEPT, ELSEWHERE = 48 * 2**20, 16 * 2**20  # bytes in the cache, and with other row groups in it
STREAM = 1024  # rows a step through a large row group
BUFFER = 2**20  # bytes of a column chunk read at once

Key = tuple[int, str]  # a row group and one of its columns


class ParquetReader(BlockReader):
    """Columns by row group: the last ones are kept; what is asked for again goes to disk.

    Reading in order decodes each row group once. A column of a row group that is asked for again
    after it left the cache (donors from all over the set), or one too large to hold, is laid out
    in a temporary file in which any row is cheap to reach.
    """

    def __init__(self, paths: tuple[Path, ...], large: int = LARGE) -> None:
        self._large = large
        self._files = [parquet.opened(path, buffer_size=BUFFER, pre_buffer=False) for path in paths]
        self._raw = raw = _common_schema(paths, self._files)
        self.features = features(raw, paths[0])
        self.schema = pa.schema([field(f, self.features) for f in raw])
        self._groups = [
            (number, g)
            for number, f in enumerate(self._files)
            for g in range(f.metadata.num_row_groups)
        ]
        sizes = [self._files[n].metadata.row_group(g).num_rows for n, g in self._groups]
        super().__init__(paths, [number for number, _ in self._groups], sizes)
        self._lock = Lock()
        self._cache: OrderedDict[Key, pa.Table] = OrderedDict()
        self._sizes: dict[Key, int] = {}
        self._spools: dict[Key, Spool] = {}
        self._blocks = SpooledBlocks()
        self._visited: set[Key] = set()

    def stored(self, columns: Sequence[str], rows: NDArray[np.int64]) -> pa.Table:
        """Some rows with the types and the metadata that the files have."""
        raw = pa.schema([self._raw.field(c) for c in columns], self._raw.metadata)
        schema = pa.schema(map(plain, raw))
        return self.joined(columns, rows, self._plain_values, schema).cast(raw)

    def column(self, name: str) -> pa.ChunkedArray:
        """One column of all rows."""
        with self._lock:
            parts = [
                named(batch.column(0), self.features.get(name)).combine_chunks()
                for number, file in enumerate(self._files)
                for batch in self._stream(number, range(file.metadata.num_row_groups), name)
            ]
        count = sum(map(len, parts))
        if count != len(self):
            raise InputError(
                f"the column {name!r} has {count} values, and the files {len(self)} rows",
                where=str(self.paths[0]),
                fix=parquet.WHOLE,
            )
        flat = [c for p in parts for c in (p.chunks if isinstance(p, pa.ChunkedArray) else [p])]
        return pa.chunked_array(flat, self.schema.field(name).type)

    def file_names(self, name: str) -> pa.ChunkedArray:
        """The names in a column of files with their bytes, which are not read."""
        parts = [
            batch.column(0)
            for number, file in enumerate(self._files)
            for batch in parquet.batches(
                file,
                self.paths[number],
                [f"{name}.path"],
                range(file.metadata.num_row_groups),
                STREAM,
            )
        ]
        return pa.chunked_array([p.field("path").cast(pa.string()) for p in parts], pa.string())

    def values(self, block: int, name: str, rows: NDArray[np.int64]) -> pa.ChunkedArray:
        """A column of some rows of a row group."""
        return named(self._plain_values(block, name, rows), self.features.get(name))

    def _plain_values(self, block: int, name: str, rows: NDArray[np.int64]) -> pa.ChunkedArray:
        held = self._held((block, name))
        table = held.take([name], rows) if isinstance(held, Spool) else _pick(held, rows)
        return table.column(0)

    def _held(self, key: Key) -> pa.Table | Spool:
        """One column of a row group, in memory or laid out on disk."""
        with self._lock:
            if key in self._spools:
                return self._spools[key]
            if key in self._cache:
                self._cache.move_to_end(key)
                return self._cache[key]
            number, group = self._groups[key[0]]
            if key in self._visited or self._bytes(key) > self._large:
                batches = (b for t in self._stream(number, [group], key[1]) for b in t.to_batches())
                schema = pa.schema([plain(self._files[number].schema_arrow.field(key[1]))])
                self._spools[key] = Spool(batches, schema, self._blocks)
                return self._spools[key]
            self._visited.add(key)
            table = pa.concat_tables(self._stream(number, [group], key[1], rows=2**16))
            self._cache[key] = table = table.combine_chunks()
            self._sizes[key] = table.nbytes
            while len(self._cache) > 1 and self._is_full(key[0]):
                oldest, _ = self._cache.popitem(last=False)
                del self._sizes[oldest]
            return table

    def _is_full(self, block: int) -> bool:
        """Whether the cache holds more than is worth it to read on in a row group."""
        held, (oldest, _) = sum(self._sizes.values()), next(iter(self._cache))
        return held > (KEPT if oldest == block else ELSEWHERE)

    def _stream(
        self, number: int, groups: Sequence[int], column: str, rows: int = STREAM
    ) -> Iterator[pa.Table]:
        file, path = self._files[number], self.paths[number]
        for batch in parquet.batches(file, path, [column], groups, rows):
            with parquet.reading(path):
                table = plain_table(pa.Table.from_batches([batch]))
            yield table

    def _bytes(self, key: Key) -> int:
        number, group = self._groups[key[0]]
        row_group = self._files[number].metadata.row_group(group)
        chunks = (row_group.column(i) for i in range(row_group.num_columns))
        return sum(
            c.total_uncompressed_size for c in chunks if c.path_in_schema.split(".")[0] == key[1]
        )


def open(paths: tuple[Path, ...], *, most: int = MAX_BYTES) -> ParquetReader:  # noqa: A001, ARG001  values are bounded when they are used
    """Open Parquet files that have the same columns.

    Raises:
        InputError: A file is not whole, or its columns are not those of the first file.
    """
    return ParquetReader(paths)


def _common_schema(paths: tuple[Path, ...], files: list[ParquetFile]) -> pa.Schema:
    first = files[0].schema_arrow
    for path, file in zip(paths, files, strict=True):
        other = file.schema_arrow
        if not pa.schema(map(plain, other)).equals(pa.schema(map(plain, first))):
            odd = sorted(
                {f"{f.name}: {f.type}" for f in first} ^ {f"{f.name}: {f.type}" for f in other}
            )
            raise InputError(
                f"columns differ from those of {paths[0].name}: {', '.join(odd[:4])}",
                where=str(path),
                fix="give files of one dataset, with the same columns and types",
            )
    return first


def _pick(table: pa.Table, rows: NDArray[np.int64]) -> pa.Table:
    if rows.size and np.array_equal(rows, np.arange(rows[0], rows[0] + rows.size)):
        return table.slice(rows[0], rows.size)
    return table.take(pa.array(rows))
