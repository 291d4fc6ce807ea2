"""List the parts of a kind and what each is."""

from typing import Annotated, Literal

import typer

from mmaudit import parts

Kind = Literal["corruptions", "audits", "models", "readers", "remedies"]
FOLDERS = {"readers": "manifest/readers", "models": "models/adapters"}


def command(
    kind: Annotated[Kind, typer.Argument(help="Kind of part to list.")] = "corruptions",
) -> None:
    """List the parts of a kind and what each is."""
    folder = FOLDERS.get(kind, kind)
    for name in parts.names(folder):
        typer.echo(f"{name:28} {parts.summary(folder, name)}")
