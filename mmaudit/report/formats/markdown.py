"""The report as Markdown: the same sections, headlines and tables, without pictures."""

from collections.abc import Iterator

from mmaudit.formats import literal
from mmaudit.report.blocks import Section, Table
from mmaudit.report.read import RunData
from mmaudit.report.sections.challenges import sections
from mmaudit.report.sections.checks import gated, told_by_gate
from mmaudit.report.sections.heading import heading, occasion, subject
from mmaudit.report.sections.provenance import tables
from mmaudit.report.words import visible


def markdown(run: RunData) -> str:
    """The report of a run as Markdown; data in it is text, never markup or a link."""
    return "\n".join(_lines(run)) + "\n"


def _lines(run: RunData) -> Iterator[str]:
    yield f"# mmaudit: {escape(heading(run))}"
    yield ""
    yield f"{escape(subject(run))}\n\n{escape(occasion(run))}\n"
    yield escape(told_by_gate(run))
    if run.skipped:
        yield ""
        yield f"{len(run.skipped):,} values could not be read and are not in the numbers."
    if run.verdict:
        yield from ("", "## Checks")
        for one in gated(run.verdict):
            yield from table_lines(one)
    for section in sections(run):
        yield from _section(section)
    yield from ("", "## How it was made")
    for one in tables(run):
        yield from table_lines(one)


def _section(section: Section) -> Iterator[str]:
    yield from ("", f"## {section.title}", "", f"*{section.question}*", "")
    if not section.audited:
        yield "**This was not audited.** Nothing on this page says anything about it."
    for headline in section.headlines:
        yield from (f"**{escape(headline)}**", "")
    for note in (*section.notes, *section.unasked):
        yield from (escape(note), "")
    for chart in section.charts:
        yield from (f"- {escape(chart.title)}: {escape(chart.alt)}",)
    for one in (*(chart.table for chart in section.charts), *section.tables):
        yield from table_lines(one)
    if section.advice and not section.audited:
        yield ""
        for command, tells in section.advice:
            yield f"- `{command}` tells {tells}"


def table_lines(table: Table) -> Iterator[str]:
    """A table as Markdown, under its title."""
    yield from ("", f"### {escape(table.title)}", "")
    yield "| " + " | ".join(escape(head) for head in table.heads) + " |"
    yield "|" + "---|" * len(table.heads)
    for row in table.rows:
        yield "| " + " | ".join(escape(str(cell)) for cell in row) + " |"
    if table.more:
        yield from ("", f"{table.more} more rows are in the Parquet files.")


def escape(text: str) -> str:
    """Text that Markdown and HTML read as text."""
    return literal(" ".join(visible(text).split()))
