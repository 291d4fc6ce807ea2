"""Write a run as one HTML page that opens offline."""

from pathlib import Path
from typing import Annotated

import typer


def command(
    run: Annotated[Path, typer.Argument(help="Run directory.", show_default=False)],
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="Where to write; else RUN/report.html.")
    ] = None,
) -> None:
    """Write a run as one HTML page that opens offline."""
    from mmaudit.report import page
    from mmaudit.report.run import read

    typer.echo(page.write(read(run), out or run / "report.html"))
