"""Write a run as one HTML page that opens offline."""

from pathlib import Path
from typing import Annotated, Literal

import typer

Form = Literal["html", "markdown", "terminal"]


def command(
    run: Annotated[Path, typer.Argument(help="Run directory.", show_default=False)],
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="Where to write; else report.* in the run.")
    ] = None,
    form: Annotated[
        Form, typer.Option(help="A page, Markdown, or tables in this terminal.")
    ] = "html",
) -> None:
    """Write a run as one HTML page that opens offline."""
    if form == "terminal":
        from rich.console import Console

        from mmaudit.report.formats.terminal import show
        from mmaudit.runs.report import opened

        show(opened(run), Console())
        return
    from mmaudit.runs.report import report

    typer.echo(report(run, out, form=form))
    raise typer.Exit  # the page is there, whoever reads
