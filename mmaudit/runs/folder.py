"""The run directory: what is in it, and its answers in Python."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp
from typing import Any, Self
from weakref import finalize

from mmaudit.runs.table_view import Shown
from mmaudit.tables import store


@dataclass(frozen=True, slots=True, weakref_slot=True)
class Run:
    """The answers of a run: its tables, by name, and the folder they are in.

    Attributes:
        path: The run directory.
    """

    path: Path

    @classmethod
    def temporary(cls) -> Self:
        """A run in a new folder that goes away with it."""
        run = cls(Path(mkdtemp(prefix="mmaudit-")))
        finalize(run, rmtree, run.path, ignore_errors=True)
        return run

    @property
    def tables(self) -> tuple[str, ...]:
        """Names of the tables that are one file, as ``robustness/summary`` or ``skipped``."""
        paths = [p.relative_to(self.path) for p in sorted(self.path.rglob("*.parquet"))]
        return tuple(str(p.with_suffix("")) for p in paths if not p.name[0].isdigit())

    def __getitem__(self, name: str) -> Shown:
        """A table by name; ``robustness/samples`` is the per-sample table in all its parts."""
        folder = self.path / name
        if folder.is_dir():
            return Shown(name, parts=tuple(store.parts(folder)), run=self)
        return Shown(name, parts=(self.path / f"{name}.parquet",), run=self)

    def __iter__(self) -> Iterator[Shown]:
        return (self[name] for name in self.tables)

    def _repr_html_(self) -> str:
        """What a notebook shows: every table."""
        return "".join(table._repr_html_() for table in self)

    def __rich_console__(self, console: Any, options: Any) -> Iterator[Any]:
        """What a terminal shows: every table."""
        yield from self


def folder_of(run: str | Path | Run) -> Path:
    """The directory of a run, which may be named or opened."""
    return run.path if isinstance(run, Run) else Path(run)
