"""Write a dataset manifest by looking at the data."""

from pathlib import Path
from typing import Annotated

import typer


def command(
    path: Annotated[str, typer.Argument(help="Data file, folder or quoted pattern.")],
    out: Annotated[Path, typer.Option("--out", "-o", help="The manifest to write.")] = Path(
        "dataset.toml"
    ),
    force: Annotated[bool, typer.Option("--force", help="Write over a file.")] = False,
) -> None:
    """Write a dataset manifest by looking at the data."""
    from mmaudit.manifest.write import commented, write
    from mmaudit.samples.account import opening

    manifest = write(path, out, force=force)
    for reason in manifest.reasons:
        typer.echo(reason, err=True)
    for line in opening(manifest):
        typer.echo(line, err=True)
    typer.echo(f"wrote {out}", err=True)
    typer.echo(commented(manifest), nl=False)
    raise typer.Exit  # the manifest is there, whoever reads
