"""List the parts of a kind and what each is."""

from typing import Annotated, Literal

import typer

from mmaudit import parts

Kind = Literal["corruptions", "audits", "models", "readers"]
FOLDERS = {"readers": "manifest/readers", "models": "models/adapters"}


def command(
    kind: Annotated[Kind, typer.Argument(help="Kind of part to list.")] = "corruptions",
    pattern: Annotated[
        str | None,
        typer.Argument(help="Names, as image/*; of corruptions with parameters and source."),
    ] = None,
) -> None:
    """List the parts of a kind and what each is."""
    folder = FOLDERS.get(kind, kind)
    chosen = parts.names(folder) if pattern is None else parts.match(folder, (pattern,))
    if kind == "corruptions" and pattern is not None:
        from mmaudit.injection.described import describe

        typer.echo("\n\n".join("\n".join(describe(name)) for name in chosen))
        return
    for name in chosen:
        typer.echo(f"{name:36} {parts.summary(folder, name)}")
