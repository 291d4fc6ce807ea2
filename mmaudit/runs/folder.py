"""The run directory: what is in it, whether it may be gone on with, and its answers in Python."""

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from shutil import rmtree
from tempfile import NamedTemporaryFile, mkdtemp
from typing import Any, Self
from weakref import finalize

from mmaudit.errors import UsageError
from mmaudit.runs.table_view import Shown
from mmaudit.tables import store

RUN = "run.json"
PLAN = "plan.json"


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
        found = [p.relative_to(self.path) for p in sorted(self.path.rglob("*.parquet"))]
        return tuple(str(p.with_suffix("")) for p in found if not p.name[0].isdigit())

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


def begin(folder: Path, identity: Mapping[str, Any], *, resume: bool) -> None:
    """Make an audit's folder ready, or refuse to mix two runs.

    Args:
        folder: The audit's folder in the run directory.
        identity: Everything that the numbers depend on.
        resume: Whether files that are there may be gone on with.

    Raises:
        UsageError: There is an earlier run and ``resume`` is False, or it was another run.
    """
    plan = folder / PLAN
    told = json.loads(json.dumps(identity, sort_keys=True, default=str))
    if plan.exists():
        before = json.loads(plan.read_text("utf-8"))
        if not resume:
            raise UsageError(
                "there is already a run in this folder",
                where=str(folder),
                fix="--resume to go on with it, or another --out",
            )
        differing = sorted(k for k in told.keys() | before.keys() if told.get(k) != before.get(k))
        if differing:
            raise UsageError(
                f"the run in this folder was another one: {', '.join(differing)} changed",
                where=str(folder),
                fix="the same options as before, or another --out",
            )
        return
    folder.mkdir(parents=True, exist_ok=True)
    write_json(plan, told)


def note(run: Path, audit: str, told: Mapping[str, Any]) -> None:
    """Add what an audit did to ``run.json``: the one place for what changes from run to run."""
    path = run / RUN
    known: dict[str, Any] = json.loads(path.read_text("utf-8")) if path.exists() else {}
    known.setdefault("schema", 1)
    known.setdefault("audits", {})[audit] = dict(told)
    write_json(path, known)


def write_bytes(path: Path, content: bytes) -> None:
    """Write a file whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False) as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    Path(file.name).chmod(0o644)
    Path(file.name).replace(path)


def write_json(path: Path, told: Mapping[str, Any]) -> None:
    """Write JSON whole or not at all, keys sorted."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with NamedTemporaryFile(
        "w", dir=path.parent, prefix=f".{path.name}.", delete=False, encoding="utf-8"
    ) as file:
        json.dump(told, file, indent=1, sort_keys=True, default=str)
        file.write("\n")
        file.flush()
        os.fsync(file.fileno())
    Path(file.name).chmod(0o644)
    Path(file.name).replace(path)
