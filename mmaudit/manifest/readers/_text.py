"""Where the records of a text source are: the line each one starts at, in which file."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mmaudit.manifest.readers._laid import LaidOut
from mmaudit.manifest.readers._spool import Spool


class TextReader(LaidOut):
    """Records of text files, whose place is the line that they start at, from 1."""

    def __init__(
        self, paths: tuple[Path, ...], spool: Spool, starts: list[int], lines: NDArray[np.int64]
    ) -> None:
        super().__init__(paths, spool, starts, lambda row: f":{lines[row]}")

    @property
    def ending(self) -> str:
        """How the names of its files end: ``csv``, ``tsv`` or ``jsonl``."""
        ending = self.paths[0].suffix.lower().lstrip(".")
        return ending if ending in {"csv", "tsv"} else "jsonl"
