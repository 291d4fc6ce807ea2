"""Join the parts that --shard made of a job to the run that they are parts of."""

from pathlib import Path
from typing import Annotated

import typer


def command(
    run: Annotated[Path, typer.Argument(help="Run directory to write.", show_default=False)],
    parts: Annotated[
        list[Path], typer.Argument(help="Folders of all parts, in any order.", show_default=False)
    ],
    dataset: Annotated[
        str | None, typer.Option(help="The dataset, where it is not where the parts had it.")
    ] = None,
    model: Annotated[
        str | None, typer.Option(help="The model, where it is not where the parts had it.")
    ] = None,
    trust: Annotated[
        bool, typer.Option("--trust", help="Open model files that can run code.")
    ] = False,
    workers: Annotated[int, typer.Option(help="Units at a time.")] = 1,
    max_skipped: Annotated[
        int | None,
        typer.Option(help="Samples that may be unreadable; as the parts were asked unless said."),
    ] = None,
    json: Annotated[
        bool, typer.Option("--json", help="Print summaries, or the card, as JSON.")
    ] = False,
) -> None:
    """Join the parts that --shard made of a job to the run that they are parts of."""
    from mmaudit.cli import corrupt_output
    from mmaudit.cli.output import show_merged
    from mmaudit.runs.folder import Run
    from mmaudit.runs.shards.merge import merge

    merged = merge(
        run,
        parts,
        dataset=dataset,
        model=model,
        trust=trust,
        workers=workers,
        max_skipped=max_skipped,
    )
    if isinstance(merged, Run):
        show_merged(merged, json)
    else:
        corrupt_output.show(merged, run, as_json=json)
    if not json:
        raise typer.Exit  # the tables are there, whoever reads
