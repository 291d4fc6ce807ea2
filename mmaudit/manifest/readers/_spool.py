"""Rows laid out on disk so that any of them is cheap to reach, whatever their format was."""

from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from tempfile import TemporaryFile, gettempdir
from threading import Lock

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from mmaudit.errors import MissingError
from mmaudit.manifest.readers.base import gather, runs

BLOCK = 64 * 1024  # bytes that are read to reach one row
KEPT = 64 * BLOCK  # bytes of blocks in a cache


class SpooledBlocks:
    """The blocks of some spools that were read last: many spools of one reader share one cache."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._held: OrderedDict[tuple[int, int], pa.RecordBatch] = OrderedDict()
        self._size = 0

    def of(self, spool: int, number: int, read: Callable[[int], pa.RecordBatch]) -> pa.RecordBatch:
        """A block, read where it is not held.

        Args:
            spool: Tells its spool from the others.
            number: Its number there.
            read: Reads a block of that spool.
        """
        key = spool, number
        with self._lock:
            if key in self._held:
                self._held.move_to_end(key)
                return self._held[key]
            self._held[key] = block = read(number)
            self._size += block.nbytes
            while self._size > KEPT and len(self._held) > 1:
                self._size -= self._held.popitem(last=False)[1].nbytes
            return block


class Spool:
    """A temporary Arrow file without a name: it is gone when it is no longer used, however so.

    Attributes:
        schema: Names and types of the columns.
    """

    def __init__(
        self,
        batches: Iterable[pa.RecordBatch],
        schema: pa.Schema,
        blocks: SpooledBlocks | None = None,
    ) -> None:
        """Lay rows out.

        Args:
            batches: The rows.
            schema: Names and types of the columns.
            blocks: The cache that it shares with other spools, which live as long; None for its
                own.
        """
        self.schema = schema
        self._blocks = blocks or SpooledBlocks()
        try:
            with TemporaryFile() as file:
                path = f"/dev/fd/{file.fileno()}"  # opened again, it lives on when this is closed
                starts = _write(batches, schema, path)
                self._reader = pa.ipc.open_file(pa.OSFile(path))
        except OSError as error:
            raise MissingError(
                f"no room to lay out the rows: {error}",
                where=gettempdir(),
                fix="set TMPDIR to a folder with more space",
            ) from error
        self._starts = np.array(starts, np.int64)

    def __len__(self) -> int:
        return int(self._starts[-1])

    def take(self, columns: Sequence[str], rows: NDArray[np.int64]) -> pa.Table:
        """Some rows, in the order asked for."""
        order, blocks = runs(self._starts, rows)
        parts = [
            pa.Table.from_batches([self._block(b).select(list(columns)).take(pa.array(local))])
            for b, local in blocks
        ]
        return gather(parts, order, columns, self.schema)

    def column(self, name: str) -> pa.ChunkedArray:
        """One column of all rows."""
        count = self._reader.num_record_batches
        # combined in pieces: many small chunks would make every later use slow
        pieces = [
            pa.concat_arrays(
                [_compact(self._reader.get_batch(i).column(name)) for i in range(start, stop)]
            )
            for start, stop in ((s, min(s + 256, count)) for s in range(0, count, 256))
        ]
        return pa.chunked_array(pieces, self.schema.field(name).type)

    def _block(self, number: int) -> pa.RecordBatch:
        return self._blocks.of(id(self), number, self._reader.get_batch)


def _write(batches: Iterable[pa.RecordBatch], schema: pa.Schema, path: str) -> list[int]:
    starts = [0]
    with pa.OSFile(path, "wb") as sink, pa.ipc.new_file(sink, schema) as writer:
        for batch in batches:
            if not batch.num_rows:
                continue
            step = max(1, BLOCK * batch.num_rows // max(1, batch.get_total_buffer_size()))
            for start in range(0, batch.num_rows, step):
                part = batch.slice(start, step)
                writer.write_batch(part)
                starts.append(starts[-1] + part.num_rows)
    return starts


def _compact(array: pa.Array) -> pa.Array:
    # a column of a block keeps the whole block alive unless it is copied out of it
    return array.take(pa.array(np.arange(len(array))))
