"""Rows that files hold in blocks, of which a reader reads those that are asked for."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from mmaudit.manifest.readers.base import Feature, content_digest, gather, runs

Values = Callable[[int, str, NDArray[np.int64]], pa.Array | pa.ChunkedArray]


class BlockReader(ABC):
    """A reader of files that are made of blocks: batches, row groups, splits.

    Attributes:
        paths: The files.
        schema: Names and types of the columns.
        features: What the format says of the columns.
    """

    schema: pa.Schema
    features: Mapping[str, Feature]

    def __init__(
        self, paths: tuple[Path, ...], owners: Sequence[int], sizes: Sequence[int]
    ) -> None:
        """Number the rows.

        Args:
            paths: The files.
            owners: Number of the file that each block is in, ``(blocks,)``, ascending.
            sizes: Rows of each block, ``(blocks,)``.
        """
        self.paths = paths
        self._owners = np.array(owners, np.int64)
        self._starts = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)

    @abstractmethod
    def values(self, block: int, name: str, rows: NDArray[np.int64]) -> pa.Array | pa.ChunkedArray:
        """A column of some rows of a block, as `schema` has it."""

    def __len__(self) -> int:
        return int(self._starts[-1])

    def take(self, columns: Sequence[str], rows: NDArray[np.int64]) -> pa.Table:
        """Some rows, in the order asked for."""
        return self.joined(columns, rows, self.values, self.schema)

    def joined(
        self, columns: Sequence[str], rows: NDArray[np.int64], values: Values, schema: pa.Schema
    ) -> pa.Table:
        """Some rows in the order asked for, of what is read of each block."""
        order, blocks = runs(self._starts, rows)
        parts = [
            pa.table([values(b, c, local) for c in columns], names=list(columns))
            for b, local in blocks
        ]
        return gather(parts, order, columns, schema)

    def column(self, name: str) -> pa.ChunkedArray:
        """One column of all rows."""
        return self.take([name], np.arange(len(self), dtype=np.int64)).column(0)

    def place(self, row: int) -> str:
        """Where a row is: its file and its number there, from 0."""
        starts = self.file_starts()
        number = int(np.searchsorted(starts, row, side="right")) - 1
        return f"{self.paths[number]} row {row - int(starts[number])}"

    def file_starts(self) -> NDArray[np.int64]:
        """First row of each file, ``(files,)``."""
        return self._starts[np.searchsorted(self._owners, np.arange(len(self.paths)))]

    def digest(self) -> str:
        """sha256 of the files."""
        return content_digest(self.paths)
