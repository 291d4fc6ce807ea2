"""Sweep a model over corruptions: how far its answers fall as one modality gets worse."""

from pathlib import Path
from typing import Annotated, Any

import typer

from mmaudit.cli.flags import audit_command

EXPORT = Annotated[
    Path | None,
    typer.Option(
        help="Instead of asking a model, write each condition as a dataset into this folder; its "
        "answers come back with --model predictions:FILE."
    ),
]


def export(dataset: str, out: Path, options: Any) -> None:
    """Write the conditions and say where."""
    from mmaudit.runs.export import export_conditions

    typer.echo(export_conditions(dataset, out, options))


command = audit_command("robustness", export=(EXPORT, export))
