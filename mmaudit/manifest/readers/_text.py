"""Where the records of a text source are: the line each one starts at, in which file."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from mmaudit.manifest.readers._spool import Spool
from mmaudit.manifest.readers.base import Feature, content_digest


class TextReader:
    """Records of text files, laid out once in a temporary file.

    Attributes:
        schema: Names and types of the columns.
        features: Empty: text files say nothing of their columns.
    """

    features: Mapping[str, Feature] = {}

    def __init__(
        self, paths: tuple[Path, ...], spool: Spool, starts: list[int], lines: NDArray[np.int64]
    ) -> None:
        self.paths, self._spool = paths, spool
        self._starts, self._lines = starts, lines
        self.schema: pa.Schema = spool.schema

    @property
    def ending(self) -> str:
        """How the names of its files end: ``csv``, ``tsv`` or ``jsonl``."""
        ending = self.paths[0].suffix.lower().lstrip(".")
        return ending if ending in {"csv", "tsv"} else "jsonl"

    def __len__(self) -> int:
        return len(self._spool)

    def take(self, columns: Sequence[str], rows: NDArray[np.int64]) -> pa.Table:
        """Some rows, in the order asked for."""
        return self._spool.take(columns, rows)

    def column(self, name: str) -> pa.ChunkedArray:
        """One column of all rows."""
        return self._spool.column(name)

    def place(self, row: int) -> str:
        """Where a row is: its file and the line it starts at, from 1."""
        number = int(np.searchsorted(self._starts, row, side="right")) - 1
        return f"{self.paths[number]}:{self._lines[row]}"

    def file_starts(self) -> NDArray[np.int64]:
        """First row of each file, ``(files,)``."""
        return np.array(self._starts, np.int64)

    def digest(self) -> str:
        """sha256 of the files."""
        return content_digest(self.paths)
