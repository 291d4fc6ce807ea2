"""Gathered: what all forms share whose files are written when every sample is made."""

import os
from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from mmaudit.arrays import Ints
from mmaudit.injection.write.files import Files
from mmaudit.injection.write.form import WrittenFile
from mmaudit.injection.write.layout import CopyLayout
from mmaudit.injection.write.manifest import DATA, PARTS
from mmaudit.manifest.splits import ByFile, Counted
from mmaudit.samples.captions import Captions
from mmaudit.tables import store


@dataclass(frozen=True)
class Gathered(ABC):
    """The source's own form: its files are written again, with what was made in their place.

    Workers leave tables as Parquet has them. Files of the source keep their names, and their
    folders below the one that holds all of them; what becomes a file itself is written at once.

    Attributes:
        out: Folder of the dataset.
        files: Where the pictures and sounds go that the source names.
    """

    out: Path
    files: Files

    @property
    def layout(self) -> CopyLayout:
        """The columns."""
        return self.files.layout

    @property
    def reader(self) -> str:
        """Name of the reader that opens it: the one that opened the source."""
        return self.layout.form

    @property
    def parts(self) -> Path:
        """Folder of the units' tables."""
        return self.out / PARTS / DATA

    @property
    def path(self) -> str:
        """The file, or a pattern that those of the copy alone fit."""
        first, *more = (home.relative_to(self.out) for home in self.homes)
        if not more:
            return first.as_posix()
        together = all(home.parent == first.parent for home in more)
        folder = first.parent.as_posix() if together else f"{DATA}/**"
        return f"{folder}/*{first.suffix}"

    @property
    def sources(self) -> tuple[Path, ...]:
        """The files of the source."""
        return self.layout.dataset.source.files

    @property
    def root(self) -> Path:
        """The folder that the names of the source's files are relative to."""
        return Path(os.path.commonpath([path.parent.absolute() for path in self.sources]))

    @property
    def homes(self) -> tuple[Path, ...]:
        """Where the copy of each file of the source is."""
        return tuple(
            self.out / DATA / path.absolute().relative_to(self.root) for path in self.sources
        )

    @cached_property
    def spans(self) -> list[range]:
        """The positions of the samples of each file of the source."""
        reader = self.layout.dataset.source.reader
        if not isinstance(reader, Counted):
            raise TypeError(f"{type(reader).__name__} does not tell which rows a file has")
        cuts = np.searchsorted(self.layout.dataset.rows, reader.file_starts()).tolist()
        ends = [*cuts[1:], len(self.layout.dataset)]
        return [range(a, b) for a, b in zip(cuts, ends, strict=True)]

    @property
    def said(self) -> frozenset[str]:
        """Columns that the names of files, folders or arrays say."""
        reader, said = self.layout.dataset.source.reader, set[str]()
        while True:
            said |= {*getattr(reader, "said", ())}
            if not isinstance(reader, Captions | ByFile):
                return frozenset(said)
            reader = reader.inner

    @cached_property
    def changed(self) -> frozenset[str]:
        """Columns of the source in which steps put other values."""
        layout = self.layout
        target = layout.dataset.manifest.target
        own = {c for m in layout.touched for c, home in layout.homes[m].items() if c == home}
        if target and layout.labels and layout.roles[target.column] == target.column:
            own.add(target.column)
        return frozenset(own)

    def require(self) -> None:  # noqa: B027  most forms hold whatever a step may leave
        """Refuse what the form cannot hold, before anything is made.

        Raises:
            UsageError: It cannot hold something that is asked for.
        """

    def keep(self, table: pa.Table, start: int) -> pa.Table:
        """The samples as they are, with the names of their files."""
        return self.files.as_names(table, start)

    def finish(self) -> WrittenFile:
        """Write the files."""
        written = self.write()
        return replace(written, renamed=self.files.renamed, endings=self.files.endings)

    @abstractmethod
    def write(self) -> WrittenFile:
        """Write the source's files again, from the units' tables."""

    def corrupted(self, positions: range, columns: list[str] | None = None) -> Iterator[pa.Table]:
        """What was made of some samples, in pieces of their order.

        Args:
            positions: Of the samples.
            columns: Those that are wanted; all of them where nothing is said.
        """
        for path, start, stop in self._starts:
            first, last = max(start, positions.start), min(stop, positions.stop)
            if first < last:
                yield store.read(path, columns).slice(first - start, last - first)

    @cached_property
    def schema(self) -> pa.Schema:
        """The columns of the units' tables."""
        return store.opened(store.parts(self.parts)[0]).schema_arrow

    @cached_property
    def _starts(self) -> list[tuple[Path, int, int]]:
        """Each unit's table with the positions of its samples."""
        paths = store.parts(self.parts)
        sizes = [store.opened(path).metadata.num_rows for path in paths]
        cuts = np.concatenate([[0], np.cumsum(sizes)]).tolist()
        return list(zip(paths, cuts[:-1], cuts[1:], strict=True))

    def rows(self, positions: range) -> Ints:
        """Rows of the source of samples at some positions."""
        rows: Any = self.layout.dataset.rows[positions.start : positions.stop]
        return rows
