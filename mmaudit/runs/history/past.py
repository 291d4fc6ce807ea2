"""Past runs: which directories of a history are runs, when they finished, what their gates said."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from mmaudit import locks
from mmaudit.errors import IncompleteError, InputError, MMAuditError
from mmaudit.parsing.documents import from_json
from mmaudit.report.documents.history import VERDICTS, PastRun
from mmaudit.tables import log, store, verdict
from mmaudit.tables import run as tables
from mmaudit.tables.provenance import KEY, SCHEMA_VERSION
from mmaudit.tables.run import Summary

MOST_NAMED = 5  # folders that a note names


@dataclass(frozen=True, slots=True)
class Member:
    """One run of a history, read.

    Attributes:
        run: What is shown of it.
        summaries: Its summaries by audit; of another schema version, none.
    """

    run: PastRun
    summaries: Mapping[str, Summary]


def members(paths: Sequence[Path], *, by_time: bool) -> tuple[list[Member], list[str]]:
    """Read the runs, in their order, and say what to beware of.

    Args:
        paths: Run directories, and folders of run directories.
        by_time: Whether the run that finished first comes first; otherwise they stay as they are.

    Raises:
        InputError: A path is no directory, or a folder holds no run, or a table is damaged, or all
            runs are of other schema versions.
        IncompleteError: A command is at work in a run, or no audit has finished.
    """
    folders, notes = _folders(paths)
    read = [_settled(folder) for folder in folders]
    undated = sum(not dated for _, dated in read)
    if undated:
        notes.append(
            f"{undated} of {len(read)} runs do not say when they finished: "
            "the time of their files stands for it."
        )
    listed = [member for member, _ in read]
    if not any(member.summaries for member in listed):
        tables.read(folders[0], tables.audits(folders[0])[0])  # which says of what version it is
    if by_time:
        listed.sort(key=lambda member: member.run.finished)
    return _named(listed), notes


def _no_run(path: Path) -> MMAuditError:
    """Why a folder has no part in a history: what has begun is not finished, or nothing has."""
    if any(plan for depth in ("*", "*/*") for plan in path.glob(f"{depth}/{log.PLAN}")):
        return IncompleteError(
            "no audit has finished here",
            where=str(path),
            fix="the command that began it, with --resume",
        )
    return InputError(
        "neither a run with a finished audit nor a folder of such runs",
        where=str(path),
        fix="name runs, or the folder that they lie in",
    )


def _folders(paths: Sequence[Path]) -> tuple[list[Path], list[str]]:
    """The run directories, and which folders beside them are none."""
    runs: list[Path] = []
    others: list[Path] = []
    for path in paths:
        if tables.audits(tables.folder(path)):
            runs.append(path)
            continue
        inside = sorted(p for p in path.iterdir() if p.is_dir() and not p.name.startswith("."))
        there = [p for p in inside if tables.audits(p)]
        if not there:
            raise _no_run(path)
        runs += there
        others += [p for p in inside if p not in there]
    if not others:
        return runs, []
    named = ", ".join(str(p) for p in others[:MOST_NAMED])
    more = f" and {len(others) - MOST_NAMED} more" if len(others) > MOST_NAMED else ""
    return runs, [f"No audit has finished in {named}{more}: left out."]


def _settled(folder: Path) -> tuple[Member, bool]:
    with locks.reading(folder, "history"):
        return _member(folder)


def _member(folder: Path) -> tuple[Member, bool]:
    """A run, and whether it says itself when it finished."""
    audits = log.read(folder).get("audits", {})
    facts = [one for one in audits.values() if isinstance(one, Mapping)]
    times = sorted(str(one["finished"]) for one in facts if "finished" in one)
    finished = _utc(times[-1]) if times else ""
    commits = Counter(str(one["commit"]) for one in facts if "commit" in one)
    names = tables.audits(folder)
    strange = sorted(
        f"{name} is of schema version {version}"
        for name in names
        if (version := _version(folder / name / tables.SUMMARY)) != SCHEMA_VERSION
    )
    if not strange:
        log.check(folder, names)
    outcome, headline = _verdict(folder)
    if strange:
        says = f"not read: {'; '.join(strange)}, and this is {SCHEMA_VERSION}"
        headline = f"{says}. {headline}" if headline else says
    run = PastRun(
        path=str(folder),
        name=folder.resolve().name,
        finished=finished or _file_time(folder, names),
        commit=", ".join(commits),
        outcome=outcome,
        headline=headline,
    )
    read = {} if strange else {name: tables.read(folder, name) for name in names}
    return Member(run, read), bool(finished)


def _version(path: Path) -> Any:
    """The schema version that a summary says it has; ours where it says nothing of itself."""
    metadata = store.metadata(path)
    with store.reading(path):
        return from_json(metadata.get(KEY, b"{}")).get("schema_version", SCHEMA_VERSION)


def _utc(text: str) -> str:
    """A time as all of them are written; as it stands where it is none."""
    try:
        return datetime.fromisoformat(text).astimezone(UTC).isoformat(timespec="seconds")
    except ValueError:
        return text


def _file_time(folder: Path, audits: Sequence[str]) -> str:
    seconds = max((folder / name / tables.SUMMARY).stat().st_mtime for name in audits)
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds")


def _verdict(folder: Path) -> tuple[str, str]:
    """What the gate said of a run; empty where none did."""
    said = verdict.read(folder)
    if said is None:
        return "", ""
    outcome = said.get("outcome")
    if outcome not in VERDICTS or not outcome:
        raise InputError(
            "not a verdict that this version reads",
            where=str(folder / verdict.VERDICT),
            fix="run mmaudit gate again",
        )
    return str(outcome), str(said.get("headline", ""))


def _named(members: Sequence[Member]) -> list[Member]:
    """Runs whose names tell them apart: by their folder, else by their path."""
    counts = Counter(member.run.name for member in members)
    return [
        replace(m, run=replace(m.run, name=m.run.path)) if counts[m.run.name] > 1 else m
        for m in members
    ]
