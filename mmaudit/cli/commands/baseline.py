"""Name a run that gates compare with, list the names, or forget one."""

from pathlib import Path
from typing import Annotated, Literal

import typer


def command(
    action: Annotated[
        Literal["set", "list", "remove"], typer.Argument(help="What to do.", show_default=False)
    ],
    name: Annotated[
        str | None, typer.Argument(help="The name; not for list.", show_default=False)
    ] = None,
    run: Annotated[
        Path | None, typer.Argument(help="Run directory; for set alone.", show_default=False)
    ] = None,
) -> None:
    """Name a run that gates compare with, list the names, or forget one."""
    from mmaudit.runs.baselines import baseline

    word = "removed  " if action == "remove" else ""
    for one in baseline(action, name, run):
        typer.echo(f"{word}{one.name}  {one.run}  since {one.since}")
    if action != "list":
        raise typer.Exit  # it is done, whoever reads
