"""The run directory: what is in it, and its answers in Python."""

from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp
from typing import Any, Self
from weakref import finalize

from mmaudit.options import unknown
from mmaudit.runs.table_view import Shown
from mmaudit.tables import store
from mmaudit.tables.provenance import provenance

SUMMARY = "summary"  # the table of an audit that carries its sentence


@dataclass(frozen=True, slots=True, weakref_slot=True, init=False)
class Run:
    """The answers of a run: its tables, by name, and the folder they are in.

    Attributes:
        path: The run directory; of a run in a store, the folder of this machine that is like it.
        url: The address of a run in a store; empty for one of this machine.
    """

    path: Path
    url: str

    def __init__(self, path: str | Path, url: str = "") -> None:
        object.__setattr__(self, "path", Path(path))
        object.__setattr__(self, "url", url)

    @classmethod
    def temporary(cls) -> Self:
        """A run in a new folder that goes away with it."""
        run = cls(Path(mkdtemp(prefix="mmaudit-")))
        finalize(run, rmtree, run.path, ignore_errors=True)
        return run

    @property
    def where(self) -> str:
        """Where it is, for people."""
        return self.url or str(self.path)

    @property
    def tables(self) -> tuple[str, ...]:
        """Names of the tables that are one file, as ``robustness/summary`` or ``skipped``."""
        paths = [p.relative_to(self.path) for p in sorted(self.path.rglob("*.parquet"))]
        return tuple(str(p.with_suffix("")) for p in paths if not p.name[0].isdigit())

    def __getitem__(self, name: str) -> Shown:
        """A table by name; ``robustness/samples`` is the per-sample table in all its parts.

        Raises:
            UsageError: There is none of that name; close ones are named.
        """
        pieces = tuple(store.parts(self.path / name))
        if pieces:
            return Shown(name, parts=pieces, run=self)
        if name not in self.tables:
            names = [*self.tables, *self._in_parts]
            raise unknown(f"the run has no table {name!r}", name, names, where=str(self.path))
        return Shown(name, parts=(self.path / f"{name}.parquet",), run=self)

    def __iter__(self) -> Iterator[Shown]:
        return (self[name] for name in self.tables)

    @property
    def _in_parts(self) -> tuple[str, ...]:
        """Names of the tables that are kept in parts."""
        folders = {p.parent for p in self.path.rglob("[0-9]*.parquet")}
        return tuple(str(p.relative_to(self.path)) for p in sorted(folders))

    def _repr_html_(self) -> str:
        """What a notebook shows: the sentence of each audit, and which tables there are."""
        says, rows = list[str](), list[str]()
        for name in sorted((*self.tables, *self._in_parts)):
            table = self[name]
            says += [f"<p>{escape(_sentence(table))}</p>"] if _is_summary(name) else []
            rows.append(f"<tr><td>{escape(name)}</td><td>{len(table):,}</td></tr>")
        head = "<tr><th>table: run[NAME]</th><th>rows</th></tr>"
        where = f"<p><code>{escape(self.where)}</code></p>"
        return "".join([where, *says, f"<table>{head}", *rows, "</table>"])

    def __rich_console__(self, console: Any, options: Any) -> Iterator[Any]:
        """What a terminal shows: every table."""
        yield from self


def _is_summary(name: str) -> bool:
    return name.rpartition("/")[2] == SUMMARY


def _sentence(table: Shown) -> str:
    """What an audit says of its numbers."""
    says = provenance(store.metadata(table.parts[0]))
    return f"{says.audit}: {says.headline}" if says else ""


def folder_of(run: str | Path | Run) -> Path:
    """The directory of a run, which may be named or opened."""
    return run.path if isinstance(run, Run) else Path(run)
