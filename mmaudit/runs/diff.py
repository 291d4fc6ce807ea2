"""Diff: two runs compared, row by row and sample by sample."""

import math
from pathlib import Path
from typing import Literal

from mmaudit.errors import UsageError
from mmaudit.gate.diff import diff as comparison
from mmaudit.gate.diff import lines
from mmaudit.gate.diff.diff import Diff
from mmaudit.runs.folder import Run
from mmaudit.runs.places.opened import reading
from mmaudit.stores.urls import store_of

NAMES = {"html": "diff.html", "markdown": "diff.md"}


def diff(
    first: str | Path | Run,
    second: str | Path | Run,
    *,
    json: str | Path | None = None,
    out: str | Path | None = None,
    form: Literal["html", "markdown"] = "html",
    min_difference: float = 0.0,
) -> Diff:
    """Compare two runs: what changed, and which samples changed their mind.

    Args:
        first: A run, or its directory.
        second: The other one.
        json: Where to write every row and flipped sample.
        out: Where to write a page or Markdown; else none is written.
        form: A page, or Markdown.
        min_difference: Smallest difference that matters, in units of each metric, 0 or more:
            what is below is counted in what is written, not listed.

    Returns:
        The rows that changed, those that one run alone has, and the flipped answers.

    Raises:
        InputError: There is no such run, or a table of it is damaged.
        IncompleteError: A run has not finished, or a command is at work in it.
        UsageError: The smallest difference means nothing, or a file cannot be written.
    """
    if not (math.isfinite(min_difference) and min_difference >= 0):
        raise UsageError(
            f"{min_difference:g} is no smallest difference", fix="--min-difference 0.01"
        )
    with reading(first, "diff") as a, reading(second, "diff") as b:
        result = comparison.diff(a, b)
    if json is not None:
        lines.write(result, Path(json))
    if out is not None:
        if store_of(out):
            raise UsageError(
                "a comparison is not written into a store", where=str(out), fix="-o diff.html"
            )
        from mmaudit.report.formats.documents import write  # noqa: PLC0415  the template engine
        from mmaudit.runs.diff_page import document  # noqa: PLC0415

        write(document(result, min_difference), Path(out), form)
    return result
