"""A document as a page that opens offline, as Markdown and in a terminal: the same in each."""

from collections.abc import Iterator
from pathlib import Path

from rich.console import Console
from rich.text import Text

from mmaudit.errors import UsageError
from mmaudit.files import write_text
from mmaudit.report.documents.document import Chapter, Document
from mmaudit.report.formats.markdown import escape, table_lines
from mmaudit.report.formats.templates import rendered
from mmaudit.report.formats.terminal import table_shown
from mmaudit.report.words import visible


def html(document: Document) -> str:
    """One self-contained page; data in it is text."""
    return rendered("document.html.j2", document=document)


def markdown(document: Document) -> str:
    """The same sentences and tables; data in it is text, never markup or a link."""
    return "\n".join(_lines(document)) + "\n"


def show(document: Document, console: Console) -> None:
    """Print it; data in it can neither colour nor steer the terminal."""
    console.print(Text(visible(document.heading), style="bold"))
    console.print(Text(visible(document.lead)))
    for chapter in document.chapters:
        console.print(Text(f"\n{visible(chapter.title)}", style="bold"))
        for note in chapter.notes:
            console.print(Text(visible(note), style="dim"))
        for one in (*(chart.table for chart in chapter.charts), *chapter.tables):
            console.print(table_shown(one))


def write(document: Document, path: Path, form: str) -> Path:
    """Write a document as ``html`` or ``markdown``, whole or not at all, and return where it is.

    Raises:
        UsageError: The file cannot be written.
    """
    try:
        write_text(path, markdown(document) if form == "markdown" else html(document))
    except OSError as error:
        raise UsageError(
            f"cannot write: {error.strerror}", where=str(path), fix="another path with -o"
        ) from error
    return path


def _lines(document: Document) -> Iterator[str]:
    yield from (f"# {escape(document.heading)}", "", escape(document.subject), "")
    yield f"**{escape(document.lead)}**"
    for chapter in document.chapters:
        yield from _chapter(chapter)


def _chapter(chapter: Chapter) -> Iterator[str]:
    yield from ("", f"## {escape(chapter.title)}")
    if chapter.question:
        yield from ("", f"*{escape(chapter.question)}*")
    for note in chapter.notes:
        yield from ("", escape(note))
    for chart in chapter.charts:
        yield from ("", f"{escape(chart.title)}: {escape(chart.alt)}")
    for one in (*(chart.table for chart in chapter.charts), *chapter.tables):
        yield from table_lines(one)
