"""Compare two runs: what changed, and which samples changed their mind."""

from pathlib import Path
from typing import Annotated, Literal

import typer

Form = Literal["terminal", "markdown", "html"]


def command(
    first: Annotated[Path, typer.Argument(help="Run directory.", show_default=False)],
    second: Annotated[Path, typer.Argument(help="Run directory.", show_default=False)],
    form: Annotated[
        Form, typer.Option(help="Lines in this terminal, Markdown, or a page.")
    ] = "terminal",
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", help="Where to write; else diff.* in the second run."),
    ] = None,
    min_difference: Annotated[
        float,
        typer.Option(help="Smallest difference that matters, in units of each metric."),
    ] = 0.0,
    json: Annotated[
        Path | None, typer.Option(help="Where to write every row and flipped sample.")
    ] = None,
) -> None:
    """Compare two runs: what changed, and which samples changed their mind."""
    from mmaudit.gate.diff.lines import lines
    from mmaudit.runs.diff import NAMES, diff
    from mmaudit.runs.forms import require_file_form

    if form == "terminal":
        require_file_form(out)
        result = diff(first, second, json=json, min_difference=min_difference)
        typer.echo("\n".join(lines(result, min_difference)))
        return
    target = out or second / NAMES[form]
    diff(first, second, json=json, out=target, form=form, min_difference=min_difference)
    typer.echo(target)
    raise typer.Exit  # the file is there, whoever reads
