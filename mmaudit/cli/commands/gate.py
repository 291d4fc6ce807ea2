"""Turn a run into an exit code: 0 yes, 1 no, 5 no answer."""

from pathlib import Path
from typing import Annotated

import typer


def command(
    run: Annotated[Path, typer.Argument(help="Run directory.", show_default=False)],
    config: Annotated[
        Path | None, typer.Option(help="Gate file; else gate.toml or audit.toml in the run.")
    ] = None,
    json: Annotated[
        Path | None, typer.Option(help="Where to write the verdict; else RUN/verdict.json.")
    ] = None,
    strict: Annotated[
        bool, typer.Option("--strict", help="Warnings and open questions fail the gate.")
    ] = False,
) -> None:
    """Turn a run into an exit code: 0 yes, 1 no, 5 no answer."""
    from mmaudit.gate import config as files
    from mmaudit.gate import document, terminal
    from mmaudit.gate.judge import judge

    verdict = judge(run, files.read(config or files.beside(run)), strict=strict)
    document.write(verdict, json or run / "verdict.json")
    typer.echo("\n".join(terminal.lines(verdict)))
    raise typer.Exit(verdict.exit_code)
