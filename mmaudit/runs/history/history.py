"""History: the metrics and verdicts of many runs, one after the other."""

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from mmaudit.errors import UsageError
from mmaudit.report.documents.history import History
from mmaudit.runs.folder import Run
from mmaudit.runs.history import past, tracks
from mmaudit.runs.places.opened import fetched

NAMES = {"html": "history.html", "markdown": "history.md"}


def history(
    runs: str | Path | Run | Sequence[str | Path | Run],
    *,
    metrics: Sequence[str] = (),
    order: Literal["time", "given"] = "time",
    out: str | Path | None = None,
    form: Literal["html", "markdown"] = "html",
) -> History:
    """Follow metrics and verdicts over many runs.

    Args:
        runs: Runs, or their directories, or folders of run directories.
        metrics: Selectors of rows, as in a gate file; else the main metric of every audit, on
            clean data and over whole severity curves where there are some.
        order: By the time at which they finished, or as they are given.
        out: Where to write a page or Markdown; else none is written.
        form: A page, or Markdown.

    Returns:
        The runs with their verdicts, and each selected row over them; a number that may not be
        compared with the number before it (other data, another seed, version or policy) is marked.

    Raises:
        InputError: There is no such run, a folder holds none, or a table is damaged.
        IncompleteError: A command is at work in a run.
        UsageError: A selector means nothing for these runs, or the file cannot be written.
    """
    listed = [runs] if isinstance(runs, str | Path | Run) else list(runs)
    if not listed:
        raise UsageError("a history needs runs", fix="mmaudit history RUN RUN")
    members, notes = past.members(
        [fetched(one, "history") for one in listed], by_time=order == "time"
    )
    followed, further = tracks.followed(members, metrics)
    result = History(tuple(m.run for m in members), tuple(followed), (*notes, *further))
    if out is not None:
        from mmaudit.report.documents.history import document  # noqa: PLC0415
        from mmaudit.report.formats.documents import write  # noqa: PLC0415  the template engine

        write(document(result), Path(out), form)
    return result
