"""Follow metrics and verdicts over many runs."""

from pathlib import Path
from typing import Annotated, Literal

import typer

Form = Literal["terminal", "markdown", "html"]


def command(
    runs: Annotated[
        list[Path], typer.Argument(help="Run directories, or a folder of them.", show_default=False)
    ],
    metric: Annotated[
        list[str] | None,
        typer.Option(help="Rows to follow, as in a gate file; else each audit's main metric."),
    ] = None,
    order: Annotated[
        Literal["time", "given"], typer.Option(help="By when they finished, or as they are given.")
    ] = "time",
    form: Annotated[
        Form, typer.Option(help="Tables in this terminal, Markdown, or a page.")
    ] = "terminal",
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="Where to write; else history.* here.")
    ] = None,
) -> None:
    """Follow metrics and verdicts over many runs."""
    from mmaudit.runs.forms import require_file_form
    from mmaudit.runs.history.history import NAMES, history

    if form == "terminal":
        from rich.console import Console

        from mmaudit.report.documents.history import document
        from mmaudit.report.formats.documents import show

        require_file_form(out)
        show(document(history(runs, metrics=metric or (), order=order)), Console())
        return
    target = out or Path(NAMES[form])
    history(runs, metrics=metric or (), order=order, out=target, form=form)
    typer.echo(target)
    raise typer.Exit  # the file is there, whoever reads
