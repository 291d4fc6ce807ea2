"""Gate: a run judged by a gate file, and its verdict written."""

from collections.abc import Mapping
from contextlib import nullcontext
from pathlib import Path

from mmaudit import locks
from mmaudit.gate import config as gates
from mmaudit.gate.judge import check_baseline, judge
from mmaudit.gate.outputs.publish import publish
from mmaudit.gate.suggestion.suggest import Named, suggest
from mmaudit.gate.verdict import Verdict
from mmaudit.runs.baselines import latest, resolve
from mmaudit.runs.folder import Run
from mmaudit.runs.places.opened import fetched, reading, writing
from mmaudit.runs.record import verdicts
from mmaudit.tables.run import finished, folder
from mmaudit.tables.verdict import VERDICT


def gate(
    run: str | Path | Run,
    config: str | Path | None = None,
    *,
    baseline: str | Path | Run | None = None,
    json: str | Path | None = None,
    junit: str | Path | None = None,
    markdown: str | Path | None = None,
    strict: bool = False,
) -> Verdict:
    """Judge a run, and write its verdict, also onto its page where it has one.

    Args:
        run: A run, or its directory.
        config: Gate file; else gate.toml or audit.toml in the run.
        baseline: Run that checks against a baseline compare with, or its directory; a text may
            be the name of one, as `baseline` gave it.
        json: Where to write the verdict, beside verdict.json in the run.
        junit: Where to write JUnit XML.
        markdown: Where to write Markdown.
        strict: Whether warnings and open questions fail the gate.

    Returns:
        The verdict; its ``exit_code`` is 0 for yes, 1 for no, 5 for no answer.

    Raises:
        UsageError: The gate file cannot mean anything for this run, or a file cannot be written.
        InputError: There is no such run, baseline or gate file, or a table of it is damaged.
        IncompleteError: The run has not finished, or lacks more samples than it may.
    """
    with writing(run, "gate", patience=locks.PATIENCE, make=False) as one:
        verdict, _ = judged(
            one.path,
            config,
            baseline=baseline,
            json=json,
            junit=junit,
            markdown=markdown,
            strict=strict,
            environment={},
        )
    return verdict


def judged(
    run: Path,
    config: str | Path | None,
    *,
    baseline: str | Path | Run | None,
    json: str | Path | None,
    junit: str | Path | None,
    markdown: str | Path | None,
    strict: bool,
    environment: Mapping[str, str],
) -> tuple[Verdict, list[str]]:
    """What `gate` does, in the environment of a build, which gets further lines to print."""
    with locks.alone(run, "gate", patience=locks.PATIENCE, make=False):
        if config is None:
            with verdicts.in_doubt(run):
                finished(run)  # before a gate file is looked for in it
        # what is not there, or a wrong baseline, says nothing of the run: its verdict stands
        base, says = resolve(baseline) if isinstance(baseline, str) else (baseline, "")
        base = None if base is None else folder(fetched(base, "gate"))
        path = Path(config or gates.beside(run))
        with verdicts.in_doubt(run) if path.exists() else nullcontext():
            checks = gates.read(path)
        with locks.reading(base, "gate") if base else nullcontext():
            check_baseline(checks, base)
            with verdicts.in_doubt(run):
                verdict = judge(run, checks, baseline=base, strict=strict)
        shown = verdicts.keep(run, verdict)
        lines = publish(
            verdict,
            json=Path(json or run / VERDICT),
            junit=None if junit is None else Path(junit),
            markdown=None if markdown is None else Path(markdown),
            environment=environment,
        )
        return verdict, [*([says] if says else []), *shown, *lines]


def suggested(run: str | Path | Run, baseline: str | None) -> str:
    """The text of a gate file that a run passes, and an equally good model on fresh samples.

    Args:
        run: The run directory.
        baseline: Name or path of the run that clean numbers are compared with; without one, the
            baseline that was named last, if any.

    Raises:
        UsageError: The baseline is a run directory here and a name of another run.
        InputError: There is no such run or baseline, or it is damaged.
        IncompleteError: No audit of a run has finished, or a command is at work in it.
    """
    last = latest() if baseline is None else None
    named = Named(last.name, last.run) if last else None
    if baseline is not None:
        named = Named(baseline, folder(resolve(baseline)[0]))
    base = locks.reading(named.run, "gate --suggest") if named else nullcontext()
    with reading(run, "gate --suggest") as one, base:
        if named:
            finished(named.run)
        return suggest(one, named).replace(str(one), str(run))
