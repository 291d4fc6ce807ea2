"""Compare two runs: what changed, and which samples changed their mind."""

from pathlib import Path
from typing import Annotated

import typer


def command(
    first: Annotated[Path, typer.Argument(help="Run directory.", show_default=False)],
    second: Annotated[Path, typer.Argument(help="Run directory.", show_default=False)],
    json: Annotated[
        Path | None, typer.Option(help="Where to write every row and flipped sample.")
    ] = None,
) -> None:
    """Compare two runs: what changed, and which samples changed their mind."""
    from mmaudit.gate.diff.lines import lines
    from mmaudit.runs.diff import diff

    typer.echo("\n".join(lines(diff(first, second, json=json))))
