"""Turn a run into an exit code: 0 yes, 1 no, 5 no answer."""

from pathlib import Path
from typing import Annotated

import typer


def command(
    run: Annotated[Path, typer.Argument(help="Run directory.", show_default=False)],
    config: Annotated[
        Path | None, typer.Option(help="Gate file; else gate.toml or audit.toml in the run.")
    ] = None,
    baseline: Annotated[
        str | None,
        typer.Option(help="Run, or name of one, that checks against a baseline compare with."),
    ] = None,
    json: Annotated[
        Path | None, typer.Option(help="Where to write the verdict, beside RUN/verdict.json.")
    ] = None,
    junit: Annotated[Path | None, typer.Option(help="Where to write JUnit XML.")] = None,
    markdown: Annotated[Path | None, typer.Option(help="Where to write Markdown.")] = None,
    strict: Annotated[
        bool, typer.Option("--strict", help="Warnings and open questions fail the gate.")
    ] = False,
    breaking_points: Annotated[
        bool,
        typer.Option("--breaking-points", help="Also print at which severity each limit breaks."),
    ] = False,
    suggest: Annotated[
        bool, typer.Option("--suggest", help="Print a gate file that this run passes, and stop.")
    ] = False,
    summary_text: Annotated[
        bool, typer.Option("--summary-text", help="Print a few lines for a chat instead.")
    ] = False,
    page: Annotated[
        str | None,
        typer.Option(help="Where such lines say that the page is; else the run's report.html."),
    ] = None,
) -> None:
    """Turn a run into an exit code: 0 yes, 1 no, 5 no answer."""
    import os

    from mmaudit.errors import UsageError
    from mmaudit.gate.outputs import terminal
    from mmaudit.locks import PATIENCE
    from mmaudit.runs.gate import judged, suggested
    from mmaudit.runs.places.opened import writing

    if page is not None and not summary_text:
        raise UsageError("--page is for --summary-text alone", fix="--summary-text, or no --page")
    if suggest:
        typer.echo(suggested(run, baseline), nl=False)
        return
    with writing(run, "gate", patience=PATIENCE, make=False) as one:
        verdict, build_lines = judged(
            one.path,
            config,
            baseline=baseline,
            json=json,
            junit=junit,
            markdown=markdown,
            strict=strict,
            environment=os.environ,
        )
    for line in build_lines:
        typer.echo(line, err=True)
    if breaking_points:
        from mmaudit.gate import config as files

        typer.echo(
            "\n".join(
                terminal.breaking_lines(one.path, files.read(config or files.beside(one.path)))
            )
        )
    if summary_text:
        from mmaudit.gate.outputs.chat import summary
        from mmaudit.runs.record.verdicts import page_of

        typer.echo(summary(verdict, page or page_of(one.path)))
    else:
        typer.echo("\n".join(terminal.lines(verdict)))
    raise typer.Exit(verdict.exit_code)
