"""Do all that an audit.toml asks for: audits, a report, a gate."""

from pathlib import Path
from typing import Annotated

import typer


def command(
    config: Annotated[Path, typer.Argument(help="The audit.toml.")],
    out: Annotated[Path, typer.Option(help="Run directory.")],
    trust: Annotated[
        bool, typer.Option("--trust", help="Open model files that can run code.")
    ] = False,
    workers: Annotated[int | None, typer.Option(help="Units at a time.")] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on from an interrupted run.")
    ] = False,
) -> None:
    """Do all that an audit.toml asks for: audits, a report, a gate."""
    from mmaudit.cli.answer import finish
    from mmaudit.runs.config import run_config

    finish(run_config(config, out, trust=trust, workers=workers, resume=resume))
