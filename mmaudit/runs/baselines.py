"""Baselines: runs that have a name, to be compared with by gates.

A name is a small file, ``.mmaudit/baselines/NAME.json``, in the working folder or one above it, so
that it can lie beside the data in a repository. It holds the run's path, relative to that folder,
the digests of its summaries and one of what the file itself says: a baseline that became another
run is refused, and so is a name that became another text.
"""

import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Literal

from mmaudit import files, locks
from mmaudit.errors import InputError, UsageError
from mmaudit.runs.folder import Run, folder_of
from mmaudit.runs.places.opened import fetched
from mmaudit.stores.urls import store_of
from mmaudit.tables import run as tables
from mmaudit.tables.signed import intact, signed

HOME = Path(".mmaudit") / "baselines"
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
SCHEMA = 2  # 1 had no digest of its own


@dataclass(frozen=True, slots=True)
class Baseline:
    """A run with a name.

    Attributes:
        name: Its name.
        run: The run directory.
        since: When it was named, ISO 8601 in UTC.
        digests: sha256 of each summary, by its path in the run.
    """

    name: str
    run: Path
    since: str
    digests: dict[str, str]


def baseline(
    action: Literal["set", "list", "remove"],
    name: str | None = None,
    run: str | Path | Run | None = None,
) -> tuple[Baseline, ...]:
    """Name a run that gates compare with, list the names, or forget one.

    Args:
        action: What to do.
        name: The name, of letters, digits, dots, dashes and underscores; not for ``list``.
        run: The run that gets the name, for ``set``; one that has it gives way.

    Returns:
        The baselines that were set, listed or removed.

    Raises:
        UsageError: The action, its name or its run is missing or means nothing.
        InputError: There is no such run or no such name, or a table of the run is damaged.
        IncompleteError: No audit of the run has finished, or a command is at work in it.
    """
    if action not in {"set", "list", "remove"}:
        raise UsageError(f"{action!r} is nothing to do with a baseline", fix="set, list, remove")
    if action == "list":
        _refuse_more("list", name, run)
        return _all()
    if name is None or NAME.fullmatch(name) is None:
        shown = "no name was given" if name is None else f"{name!r} is no name"
        raise UsageError(shown, fix=f"mmaudit baseline {action} main" + " RUN" * (action == "set"))
    if action == "set":
        if run is None:
            raise UsageError("no run was given", fix=f"mmaudit baseline set {name} RUN")
        if not isinstance(run, Run) and (url := store_of(run)):
            raise UsageError(
                "a name is for a run of this machine", where=url, fix=f"--baseline {url}"
            )
        return (_set(name, folder_of(run)),)
    _refuse_more("remove NAME", run)
    gone = _read(name)
    (_home() / f"{name}.json").unlink(missing_ok=True)
    return (gone,)


def resolve(text: str) -> tuple[Path, str]:
    """The run that is meant by a name or a path, and how it was taken.

    Args:
        text: What was given as the baseline.

    Raises:
        UsageError: It is a run directory here and a name of another run.
        InputError: It is neither, or the named run is not what it was when it was named.
    """
    if store_of(text):
        return fetched(text, "gate"), ""
    named = NAME.fullmatch(text) is not None and (_home() / f"{text}.json").exists()
    there = Path(text).is_dir() and bool(tables.audits(text))
    if not named:
        if not Path(text).is_dir():
            raise _unknown(text, "there is no such run directory, and ")
        return Path(text), ""
    one = _read(text)
    if there and Path(text).resolve() != one.run.resolve():
        raise UsageError(
            f"{text!r} is a run directory here and the name of another baseline, {one.run}",
            fix=f"./{text} for the directory, or its full path: {one.run}",
        )
    _check(one)
    return one.run, f"baseline {text}: {one.run}, named {one.since}"


def latest() -> Baseline | None:
    """The baseline that was named last and is what it was then; None if there is none."""
    for one in sorted(_all(), key=lambda b: b.since, reverse=True):
        with suppress(InputError):
            _check(one)
            return one
    return None


def _refuse_more(usage: str, *further: object) -> None:
    if any(one is not None for one in further):
        raise UsageError("more was given than there is use for", fix=f"mmaudit baseline {usage}")


def _home() -> Path:
    """Where names are kept: the nearest folder above that has some, or the working folder."""
    here = Path.cwd()
    return next((p / HOME for p in (here, *here.parents) if (p / HOME).is_dir()), here / HOME)


def _all() -> tuple[Baseline, ...]:
    return tuple(_read(path.stem) for path in sorted(_home().glob("*.json")))


def _set(name: str, run: Path) -> Baseline:
    with locks.reading(run, "baseline set"):
        tables.finished(run)
        digests = _digests(run)
    home = _home()
    base = home.parent.parent
    since = datetime.now(UTC).isoformat(timespec="seconds")
    where = run.resolve()
    path = str(where.relative_to(base)) if where.is_relative_to(base) else str(where)
    entry = {"schema": SCHEMA, "run": path, "since": since, "digests": digests}
    try:
        files.write_json(home / f"{name}.json", signed(entry))
    except OSError as error:
        raise UsageError(
            f"cannot write: {error.strerror}", where=str(home), fix="a folder that may be written"
        ) from error
    return _read(name)


def _digests(run: Path) -> dict[str, str]:
    summaries = [f"{audit}/{tables.SUMMARY}" for audit in tables.audits(run)]
    return {name: files.digest(run / name) for name in summaries}


def _read(name: str) -> Baseline:
    path = _home() / f"{name}.json"
    if not path.exists():
        raise _unknown(name)
    fix = f"mmaudit baseline set {name} RUN"
    entry = files.read_json(path, f"the baseline {name!r}", fix=fix)
    if not _whole(entry):
        why = "is not one that this version reads"
        if entry.get("schema") == SCHEMA:
            why = "is not what was written: it was changed or damaged"
        raise InputError(f"the baseline {name!r} {why}", where=str(path), fix=fix)
    run = path.parents[2] / entry["run"]
    shown = run.relative_to(Path.cwd()) if run.is_relative_to(Path.cwd()) else run
    return Baseline(name, shown, entry["since"], dict(entry["digests"]))


def _whole(entry: Any) -> bool:
    texts = isinstance(entry.get("run"), str) and isinstance(entry.get("since"), str)
    own = entry.get("schema") == SCHEMA and intact(entry)
    return own and texts and isinstance(entry.get("digests"), dict)


def _check(one: Baseline) -> None:
    """Refuse a named run that is gone, or whose summaries are others than when it was named."""
    fix = f"mmaudit baseline set {one.name} RUN"
    if not one.run.is_dir():
        raise InputError(
            f"the run of the baseline {one.name!r} is gone", where=str(one.run), fix=fix
        )
    now = _digests(one.run)
    other = sorted(name for name in {*now, *one.digests} if now.get(name) != one.digests.get(name))
    if other:
        raise InputError(
            f"the baseline {one.name!r} is not the run that it was on {one.since}: "
            f"{', '.join(other)}",
            where=str(one.run),
            fix=fix,
        )


def _unknown(text: str, besides: str = "") -> InputError:
    names: Sequence[str] = sorted(path.stem for path in _home().glob("*.json"))
    close = get_close_matches(text, names, cutoff=0.5) or names
    fix = f"named baselines: {', '.join(close)}" if close else "mmaudit baseline set NAME RUN"
    return InputError(f"{besides}no baseline is called {text!r}", where=text, fix=fix)
