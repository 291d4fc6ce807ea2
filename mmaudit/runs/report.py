"""Report: a run written as one page that opens offline, or as Markdown."""

from pathlib import Path
from typing import Literal

from mmaudit import locks
from mmaudit.audits.declaration import views
from mmaudit.report.formats.write import write
from mmaudit.report.read import RunData, read
from mmaudit.runs.folder import Run
from mmaudit.runs.places.opened import reading, writing


def report(
    run: str | Path | Run,
    out: str | Path | None = None,
    *,
    form: Literal["html", "markdown"] = "html",
) -> Path:
    """Write a run as one HTML page that opens offline, or as Markdown.

    Args:
        run: A run, or its directory.
        out: Where to write; else report.html or report.md in the run.
        form: A page, or Markdown.

    Returns:
        Where it was written.

    Raises:
        InputError: There is no such run, or a file in it is damaged.
        UsageError: The file cannot be written.
    """
    if out is not None:
        return write(opened(run), Path(out), form)
    with writing(run, "report", patience=locks.PATIENCE, make=False) as one:
        return write(opened(one.path), None, form)


def opened(run: str | Path | Run) -> RunData:
    """A run as reports read it, beside what the installed audits would add.

    Raises:
        InputError: There is no such run, or a file in it is damaged.
        IncompleteError: No audit of it has finished, or a command is at work in it.
    """
    with reading(run, "report") as folder:
        return read(folder, views())
