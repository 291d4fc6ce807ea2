"""The page: one self-contained HTML file that opens offline and runs nothing that data says.

Everything that comes from data is escaped by the template engine and has its unseen characters
made visible on the way. The page's content security policy allows the style and the script of
this package, by their digests, and nothing else: no request, no inline handler, no evaluation.
"""

from dataclasses import replace
from pathlib import Path

from markupsafe import Markup

from mmaudit import files
from mmaudit.report.formats.templates import rendered
from mmaudit.report.read import RunData
from mmaudit.report.sections.cards import cards
from mmaudit.report.sections.challenges import sections
from mmaudit.report.sections.checks import checks, unmet
from mmaudit.report.sections.heading import heading, occasion, subject
from mmaudit.report.sections.provenance import links, tables
from mmaudit.report.sections.samples import Browser, browser
from mmaudit.report.sections.verdict import card

MOST_BYTES = 25_000_000
EMPTY = '{"rows":0,"columns":[],"classes":[],"conditions":[]}'


def page(
    run: RunData, *, title: str = "", at: Path | None = None, most_bytes: int = MOST_BYTES
) -> str:
    """The report of a run as HTML; the same run directory gives the same text.

    Args:
        run: The run.
        title: Title of the page; the dataset's name by default.
        at: Folder that the page will lie in, for its links to the Parquet files; the run's own
            folder by default.
        most_bytes: Size from which the samples are left out.
    """
    shown = browser(run)
    text = _rendered(run, title, at or run.path, shown)
    if shown is None or len(text.encode()) <= most_bytes:
        return text
    note = (
        "The samples are not in this page, which would be too large; the Parquet files hold them."
    )
    return _rendered(run, title, at or run.path, replace(shown, data=EMPTY, rows=0, notes=(note,)))


def _rendered(run: RunData, title: str, at: Path, shown: Browser | None) -> str:
    parts = sections(run)
    places = {part.key for part in parts}
    return rendered(
        "report.html.j2",
        title=title or f"mmaudit: {heading(run)}",
        heading=heading(run),
        subject=subject(run),
        occasion=occasion(run),
        folder=run.path.resolve().name,
        run=run,
        sections=parts,
        cards=cards(run, parts),
        card=card(run, places),
        browser=shown,
        packed=Markup(shown.data) if shown else "",  # noqa: S704  JSON without markup characters
        checks=unmet(run),
        passing=checks(run.verdict, "pass") if run.verdict else None,
        origin=tables(run),
        links=links(run, at),
    )


def write(run: RunData, path: str | Path, *, title: str = "") -> Path:
    """Write the page."""
    path = Path(path)
    files.write_text(path, page(run, title=title, at=path.parent))
    return path
