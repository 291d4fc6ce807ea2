"""Rows that are laid out in a temporary file when their files are opened."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from mmaudit.manifest.readers._spool import Spool
from mmaudit.manifest.readers.base import Aside, Feature, content_digest


class LaidOut:
    """A reader of files whose rows were laid out.

    Attributes:
        paths: The files.
        schema: Names and types of the columns.
        features: What the format says of the columns.
        aside: What of the files is in no row.
        root: Folder that names of files are relative to, where that is not the files' own.
    """

    def __init__(
        self,
        paths: tuple[Path, ...],
        spool: Spool,
        starts: Sequence[int],
        where: Callable[[int], str],
        *,
        features: Mapping[str, Feature] | None = None,
        aside: tuple[Aside, ...] = (),
        root: Path | None = None,
    ) -> None:
        self.paths, self._spool, self._starts, self._where = paths, spool, starts, where
        self.schema: pa.Schema = spool.schema
        self.features: Mapping[str, Feature] = features or {}
        self.aside, self.root = aside, root

    def __len__(self) -> int:
        return len(self._spool)

    def take(self, columns: Sequence[str], rows: NDArray[np.int64]) -> pa.Table:
        """Some rows, in the order asked for."""
        return self._spool.take(columns, rows)

    def column(self, name: str) -> pa.ChunkedArray:
        """One column of all rows."""
        return self._spool.column(name)

    def place(self, row: int) -> str:
        """Where a row is: its file, and what tells it there."""
        number = int(np.searchsorted(self._starts, row, side="right")) - 1
        return f"{self.paths[number]}{self._where(row)}"

    def file_starts(self) -> NDArray[np.int64]:
        """First row of each file, ``(files,)``."""
        return np.array(self._starts, np.int64)

    def digest(self) -> str:
        """sha256 of the files."""
        return content_digest(self.paths)
