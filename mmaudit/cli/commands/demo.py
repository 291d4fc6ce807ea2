"""Do the whole path on a dataset that it makes itself, offline."""

from pathlib import Path
from typing import Annotated

import typer


def command(
    out: Annotated[Path, typer.Argument(help="New folder.")] = Path("mmaudit-demo"),
    workers: Annotated[int, typer.Option(help="Units at a time.")] = 2,
    seed: Annotated[int, typer.Option(help="Seed of everything.")] = 0,
) -> None:
    """Make a dataset, train a model on it, audit it, and write a report."""
    from mmaudit.cli.output import finish
    from mmaudit.demo.run import demo

    finish(demo(out, lambda line: typer.echo(line, err=True), workers=workers, seed=seed))
