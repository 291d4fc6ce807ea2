"""The report in a terminal: the same sections, with tables that fit."""

from collections.abc import Iterator

from rich.console import Console, Group, RenderableType
from rich.panel import Panel
from rich.table import Table as RichTable
from rich.text import Text

from mmaudit.report.blocks import Section, Table
from mmaudit.report.read import RunData
from mmaudit.report.sections.challenges import sections
from mmaudit.report.sections.checks import gated, told_by_gate
from mmaudit.report.sections.heading import heading
from mmaudit.report.words import visible

MOST_ROWS = 20
COLOURS = {"pass": "green", "fail": "red", "inconclusive": "yellow"}


def show(run: RunData, console: Console) -> None:
    """Print the report of a run; data in it can neither colour nor steer the terminal."""
    colour = COLOURS.get(str(run.verdict["outcome"]), "") if run.verdict else ""
    title = f"mmaudit: {visible(heading(run))}"
    text = _text(told_by_gate(run))
    console.print(Panel(text, title=Text(title), border_style=colour, expand=False))
    if run.verdict:
        for one in gated(run.verdict):
            console.print(table_shown(one))
    for section in sections(run):
        console.print(Group(*_section(section)))


def _section(section: Section) -> Iterator[RenderableType]:
    yield Text(f"\n{section.title}", style="bold") + Text(f"  {section.question}", style="dim")
    if not section.audited:
        yield Text("This was not audited.", style="yellow")
        for command, tells in section.advice:
            yield Text(f"  {command}") + Text(f"  tells {tells}", style="dim")
    for headline in section.headlines:
        yield _text(headline)
    for note in (*section.notes, *section.unasked):
        yield Text(visible(note), style="dim")
    for one in (*(chart.table for chart in section.charts), *section.tables):
        yield table_shown(one)


def table_shown(table: Table) -> RichTable:
    """A table that fits a terminal; how many rows it leaves out stands below."""
    more = len(table.rows) + table.more - MOST_ROWS
    caption = f"and {more} more rows in the page" if more > 0 else None
    shown = RichTable(title=Text(visible(table.title)), caption=caption, title_justify="left")
    for head in table.heads:
        shown.add_column(_text(head), overflow="fold")
    for row in table.rows[:MOST_ROWS]:
        shown.add_row(*(_text(str(cell)) for cell in row))
    return shown


def _text(text: str) -> Text:
    """Text that rich does not read as markup."""
    return Text(visible(text))
