"""The answer of an audit on stdout: a headline and where the tables are, or its rows as JSON."""

import typer

from mmaudit.cli.flags import as_json
from mmaudit.runs.folder import Run
from mmaudit.tables.provenance import provenance


def show(run: Run, audit: str, json: bool) -> None:
    """Print what one audit found."""
    table = run[f"{audit}/summary"].arrow()
    if json:
        typer.echo(as_json(table.to_pylist()))
        return
    made = provenance(table.schema.metadata)
    if made is not None:
        for line in (made.headline, *made.notes):
            typer.echo(line)
    typer.echo(f"tables: {run.path / audit}")
