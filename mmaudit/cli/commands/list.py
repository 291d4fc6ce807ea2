"""List the parts of a kind and what each is; of corruptions also parameters and source."""

from collections.abc import Mapping
from shutil import get_terminal_size
from textwrap import fill
from typing import Annotated

import typer

from mmaudit.runs.listing import FOLDERS, Kind, list_parts

ALONE = True  # it opens nothing that others wrote
WIDTHS = 60, 100  # columns of a line: as many as the terminal has, within these


def command(
    kind: Annotated[
        Kind | None, typer.Argument(help="Kind of part; the names of all kinds unless said.")
    ] = None,
    pattern: Annotated[
        str | None, typer.Argument(help="Names, as image/*, or a subset, as weather.")
    ] = None,
) -> None:
    """List the parts of a kind and what each is; of corruptions also parameters and source."""
    width = min(max(get_terminal_size((WIDTHS[1], 0)).columns, WIDTHS[0]), WIDTHS[1])
    if kind == "corruptions":
        from mmaudit.corruptions.groups import expand
        from mmaudit.injection.describe import describe

        names = expand((pattern or "*",))
        typer.echo("\n\n".join("\n".join(describe(name, width)) for name in names))
        return
    for each in [kind] if kind else FOLDERS:
        text = _table(list_parts(each, pattern or "*"), width)
        typer.echo(text if kind else f"{each}:\n{text}\n")


def _table(summaries: Mapping[str, str], width: int) -> str:
    """Each name and what it is; further lines below the first."""
    room = max(map(len, summaries)) + 2
    return "\n".join(
        fill(
            summary.replace("``", ""),
            width,
            initial_indent=f"{name:{room}}",
            subsequent_indent=" " * room,
        )
        for name, summary in summaries.items()
    )
