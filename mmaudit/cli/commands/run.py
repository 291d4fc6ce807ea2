"""Do all that an audit.toml asks for: audits, a report, a gate."""

from pathlib import Path
from typing import Annotated

import typer


def command(
    config: Annotated[Path, typer.Argument(help="The audit.toml.")],
    out: Annotated[Path | None, typer.Option(help="Run directory.")] = None,
    trust: Annotated[
        bool, typer.Option("--trust", help="Open model files that can run code.")
    ] = False,
    workers: Annotated[int | None, typer.Option(help="Units at a time.")] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on from an interrupted run.")
    ] = False,
    shard: Annotated[
        str | None,
        typer.Option(
            help="Only a share of the units, as 1/4 for the first of four; mmaudit merge joins "
            "the parts, then come gate and report.",
        ),
    ] = None,
    until_decided: Annotated[
        bool,
        typer.Option(
            "--until-decided",
            help="Ask block after block of samples, and stop where the checks are decided.",
        ),
    ] = False,
    dry_run: Annotated[
        bool,
        typer.Option(
            "--dry-run",
            help="Say what would be asked, how long it takes and how much memory, from 1 % of "
            "the samples; write nothing.",
        ),
    ] = False,
) -> None:
    """Do all that an audit.toml asks for: audits, a report, a gate."""
    from mmaudit.cli.output import finish, show_parts
    from mmaudit.errors import UsageError
    from mmaudit.runs import config as files

    if dry_run:
        typer.echo("\n".join(files.dry_run(config, trust=trust, until_decided=until_decided)))
        return
    if out is None:
        raise UsageError("--out is missing", fix="--out RUN")
    done = files.run_config(
        config,
        out,
        trust=trust,
        workers=workers,
        resume=resume,
        shard=shard,
        until_decided=until_decided,
    )
    if shard is None:
        finish(done)
    else:
        show_parts(done.run)
