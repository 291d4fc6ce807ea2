"""What an engine runs: an ordered list of units, each a pure function of its rows.

Nothing outside this folder knows where a unit runs. A unit is cut by row position alone, so one
machine, several workers, a cluster and a resumed run make the same files.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import pyarrow as pa

from mmaudit import contract, files, parts
from mmaudit.errors import InputError, UsageError
from mmaudit.options import unknown
from mmaudit.parsing.documents import from_json
from mmaudit.progress import Report
from mmaudit.tables.shards import REQUEST
from mmaudit.tables.signed import DIGEST, intact, signed
from mmaudit.version import NUMBERS, installed

KIND = "engines"
ROWS = 2048
PLAN = "plan.json"
WHAT = "the plan of the run"
FILES, PACKAGES = "files", "packages"  # of an identity: digests by path, versions by name
SHORT = 40  # characters of a value that a refusal shows


@dataclass(frozen=True, slots=True)
class Unit:
    """A run of consecutive rows of the selection: positions ``start … stop - 1``."""

    index: int
    start: int
    stop: int

    @property
    def file(self) -> str:
        """Name of the one file that this unit writes."""
        return f"{self.index:06d}.parquet"

    @property
    def rows(self) -> range:
        """Positions of the rows."""
        return range(self.start, self.stop)


def cut(rows: int, size: int = ROWS) -> tuple[Unit, ...]:
    """Cut rows into units of ``size``, the last one shorter."""
    starts = range(0, rows, size)
    return tuple(Unit(i, start, min(start + size, rows)) for i, start in enumerate(starts))


class Work(Protocol):
    """The function of a unit: no other state, the same table for the same unit."""

    @property
    def processes(self) -> bool:
        """Whether it holds Python's lock for long and can travel to other processes.

        Otherwise its units share one process and run in threads.
        """
        ...

    def __call__(self, rows: range) -> pa.Table:
        """Make the table of the rows at these positions of the selection."""
        ...

    def row_group(self, table: pa.Table) -> int:
        """How many rows of the unit's table belong together when it is read back."""
        ...


@dataclass(frozen=True, slots=True)
class Marked:
    """Work whose tables carry further schema metadata, so that each file says what it is of."""

    work: Work
    metadata: Mapping[bytes, bytes]

    @property
    def processes(self) -> bool:
        """As the work itself."""
        return self.work.processes

    def __call__(self, rows: range) -> pa.Table:
        """The work's table with the metadata added."""
        table = self.work(rows)
        return table.replace_schema_metadata({**(table.schema.metadata or {}), **self.metadata})

    def row_group(self, table: pa.Table) -> int:
        """As the work itself."""
        return self.work.row_group(table)


class Engine(Protocol):
    """A module that runs units; its name is the value of ``--engine``."""

    def run(
        self, work: Work, units: Sequence[Unit], folder: Path, *, workers: int, report: Report
    ) -> None:
        """Run every unit whose file is not there yet, or damaged; each writes one file whole.

        An interruption leaves a folder from which the same call goes on.

        Args:
            work: The function of a unit.
            units: All units of the job, in order.
            folder: Where the files go.
            workers: How many units at a time, at least 1.
            report: Called with the number of finished units and of all.

        Raises:
            UsageError: There are no workers.
        """
        ...


def check(name: str, part: object) -> None:
    """Refuse a module that is no engine.

    Raises:
        InputError: It lacks something; all of it is named.
    """
    contract.check(KIND, name, part, Engine)


def load(name: str) -> Engine:
    """The engine of a name.

    Raises:
        UsageError: There is none.
    """
    names = parts.names(KIND)
    if name not in names:
        raise unknown(f"there is no engine {name!r}", name, names)
    engine: Any = parts.load(KIND, name)
    return engine


def require_workers(workers: int) -> None:
    """Refuse a number of workers that could do nothing.

    Raises:
        UsageError: It is less than 1.
    """
    if workers < 1:
        raise UsageError(f"{workers} workers would do nothing", fix="--workers 1, or more")


def begin(
    folder: Path,
    identity: Mapping[str, Any],
    *,
    resume: bool,
    what: str = "already a run",
    other: str = "another --out",
    request: Mapping[str, Any] | None = None,
) -> None:
    """Note what a folder's units are of, or check that they are of the same.

    Args:
        folder: The folder; it is made where there is none.
        identity: Everything that the units depend on, as JSON can hold it.
        resume: Whether units that are there may be gone on with.
        what: What there is already, for the refusal.
        other: What else to name, for the refusal.
        request: What was asked for, where the plan is to say that; another one takes its place.

    Raises:
        UsageError: There are units and ``resume`` is False, or they are of something else.
    """
    said = {} if request is None else {REQUEST: plain(request)}
    now = signed({**entire(identity), **said})
    plan = folder / PLAN
    if not plan.exists():
        files.write_json(plan, now)
        return
    if not resume:
        raise UsageError(
            f"there is {what} in this folder",
            where=str(folder),
            fix=f"--resume to go on with it, or {other}",
        )
    fix = f"another folder, or {other}"
    before = files.read_json(plan, WHAT, fix=fix)
    if not intact(before):
        raise InputError(f"{WHAT} is damaged: it was changed", where=str(plan), fix=fix)
    changes = differences(before, now)
    if changes:
        raise UsageError(
            f"the run in this folder was another one: {'; '.join(changes)}",
            where=str(folder),
            fix=f"the same as before, or {other}",
        )
    if before.get(REQUEST) != now.get(REQUEST):
        files.write_json(plan, signed({**before, REQUEST: now[REQUEST]}))


def entire(identity: Mapping[str, Any]) -> dict[str, Any]:
    """An identity as a plan holds it, with the packages that numbers depend on."""
    return plain({**identity, PACKAGES: {**installed(*NUMBERS), **identity.get(PACKAGES, {})}})


def plain(values: Mapping[str, Any]) -> dict[str, Any]:
    """Values as JSON holds them."""
    content: dict[str, Any] = from_json(json.dumps(values, sort_keys=True, default=str))
    return content


def begun(folder: Path) -> Mapping[str, Any]:
    """What the units of a folder are of, as `begin` noted it; empty where nothing was begun.

    Raises:
        InputError: It cannot be read.
    """
    plan = folder / PLAN
    fix = "another folder, or remove this one"
    return files.read_json(plan, WHAT, fix=fix) if plan.exists() else {}


def differences(
    before: Mapping[str, Any], now: Mapping[str, Any], words: tuple[str, str] = ("before", "now")
) -> list[str]:
    """What of an identity is another than it was, in words; what was asked for is no part of it.

    A file that is not read now, as a module that is imported already, is looked at as it is.

    Args:
        before: One identity.
        now: Another one.
        words: When or where each of them is.
    """
    changes = []
    for key in sorted((now.keys() | before.keys()) - {DIGEST, REQUEST}):
        then, value = before.get(key), now.get(key)
        if not isinstance(then or {}, dict) or not isinstance(value or {}, dict):
            changes += [] if then == value else [f"{key} changed{_both(then, value, words)}"]
            continue
        then, value = then or {}, value or {}
        if key == FILES:
            value = {path: _now(path) for path in then} | value
        for name in sorted(then.keys() | value.keys()):
            old, new = then.get(name), value.get(name)
            if old != new:
                both = "" if key in {FILES, "digests"} else _both(old, new, words)
                changes.append(f"{key}: {name} changed{both}")
    return changes


def _now(path: str) -> str:
    return files.digest(path) if Path(path).is_file() else ""


def _both(old: Any, new: Any, words: tuple[str, str]) -> str:
    """Both values, where they are short enough to be read."""
    texts = ["nothing" if v is None else json.dumps(v) for v in (old, new)]
    short = max(map(len, texts)) <= SHORT
    return f", {texts[0]} {words[0]} and {texts[1]} {words[1]}" if short else ""
