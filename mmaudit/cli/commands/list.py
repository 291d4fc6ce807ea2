"""List the parts of a kind and what each is; of corruptions also parameters and source."""

from shutil import get_terminal_size
from textwrap import fill
from typing import Annotated, Literal

import typer

from mmaudit import parts

Kind = Literal["corruptions", "audits", "models", "readers"]
FOLDERS: dict[Kind, str] = {
    "corruptions": "corruptions",
    "audits": "audits",
    "models": "models/adapters",
    "readers": "manifest/readers",
}
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

        chosen = expand((pattern or "*",))
        typer.echo("\n\n".join("\n".join(describe(name, width)) for name in chosen))
        return
    for each, folder in FOLDERS.items():
        if kind in {None, each}:
            chosen = parts.names(folder) if pattern is None else parts.match(folder, (pattern,))
            told = _told(folder, chosen, width)
            typer.echo(told if kind else f"{each}:\n{told}\n")


def _told(folder: str, names: tuple[str, ...], width: int) -> str:
    """Each name and what it is; further lines below the first."""
    room = max(map(len, names)) + 2
    return "\n".join(
        fill(
            parts.summary(folder, name).replace("``", ""),
            width,
            initial_indent=f"{name:{room}}",
            subsequent_indent=" " * room,
        )
        for name in names
    )
