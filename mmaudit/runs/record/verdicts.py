"""The verdict that a run keeps, and the page that shows it: both say what the last gate said.

A gate that ends with another answer than the page shows would be believed twice, so the page is
written again whenever a gate has judged, and shows no verdict once none holds.
"""

from contextlib import contextmanager, nullcontext, suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from mmaudit.errors import MMAuditError
from mmaudit.tables import run as runs
from mmaudit.tables.verdict import VERDICT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mmaudit.gate.verdict import Verdict

PAGE = "report.html"


def keep(run: Path, verdict: "Verdict") -> list[str]:
    """Write a verdict into its run and onto the run's page, if there is one.

    Args:
        run: The run directory.
        verdict: What the gate decided.

    Returns:
        Lines to print where the run cannot be written, so that its page says something else.
    """
    from mmaudit.gate.outputs import document  # noqa: PLC0415  a gate alone writes it elsewhere

    try:
        document.write(verdict, run / VERDICT)
        _show(run)
    except OSError as error:
        where = f"{error.strerror}: {error.filename}"
        return [f"the run cannot be written, and its page does not show this verdict ({where})"]
    return []


def page_of(run: Path) -> str:
    """Where the page of a run is; empty where it has none."""
    return str(run / PAGE) if (run / PAGE).exists() else ""


def outdate(run: Path) -> None:
    """Take away a verdict, and the page that shows it, before the tables become others."""
    if (run / VERDICT).exists():
        (run / VERDICT).unlink()
        (run / PAGE).unlink(missing_ok=True)


@contextmanager
def in_doubt(run: Path) -> "Iterator[None]":
    """A gate under way: if it ends without an answer, no earlier answer stays behind."""
    try:
        yield
    except BaseException as error:
        if (run / VERDICT).exists() and runs.audits(run):
            says = error.what if isinstance(error, MMAuditError) else type(error).__name__
            (run / VERDICT).unlink()
            _show(run, says)
        raise


def _show(run: Path, refusal: str = "") -> None:
    """Write the page again where there is one; one that cannot be made again goes."""
    if not (run / PAGE).exists():
        return
    from mmaudit.report import read  # noqa: PLC0415  only where there is a page
    from mmaudit.report.formats import write  # noqa: PLC0415

    (run / PAGE).unlink()
    with suppress(MMAuditError) if refusal else nullcontext():  # that is refused for more than this
        write.write(replace(read.read(run), refusal=refusal))
