"""The heading of a page: which dataset, which model, when, and at which commit."""

import re
from collections.abc import Mapping
from typing import Any

from mmaudit.report.read import RunData
from mmaudit.report.words import listed


def heading(run: RunData) -> str:
    """The datasets of a run; the name of its folder where it does not note them."""
    names = sorted({str(note["dataset"]) for note in _notes(run) if note.get("dataset")})
    return " and ".join(names) or run.path.resolve().name


def subject(run: RunData) -> str:
    """What was audited, in half a line: the models without their folders, samples, audits."""
    options = [audit.origin.options for audit in run.audits.values()]
    specs = [str(one["model"]) for one in options if "model" in one]
    models = sorted({re.sub(r"[^:]*[/\\]", "", spec) for spec in specs})
    counts = {n["samples"] for n in _notes(run) if isinstance(n.get("samples"), int)}
    samples = (
        [" and ".join(f"{count:,}" for count in sorted(counts)) + " samples"] if counts else []
    )
    return " · ".join([*models, *samples, listed(sorted(run.audits))])


def occasion(run: RunData) -> str:
    """When the last audit finished, at which commit, and the folder of the run."""
    dates = sorted(str(note["finished"]) for note in _notes(run) if note.get("finished"))
    commits = sorted({str(note["commit"]) for note in _notes(run) if note.get("commit")})
    when = [_date(dates[-1])] if dates else []
    at = [f"commit {listed(commits)}"] if commits else []
    return " · ".join([*when, *at, f"run {run.path.resolve().name}"])


def _date(text: str) -> str:
    """A time of ``run.json`` to the minute."""
    stamp = re.match(r"(\d{4}-\d\d-\d\d)T(\d\d:\d\d)", text)
    return f"{stamp[1]} {stamp[2]} UTC" if stamp else text


def _notes(run: RunData) -> list[Mapping[str, Any]]:
    """What ``run.json`` says of each audit that the run has."""
    log = run.log.get("audits", {})
    notes = [log.get(name) for name in run.audits] if isinstance(log, Mapping) else []
    return [note for note in notes if isinstance(note, Mapping)]
