"""The answer on stdout: a headline and where the tables are, or rows as JSON, or a verdict."""

import json as json_format
from collections.abc import Mapping
from shlex import quote
from typing import Any

import typer

from mmaudit.formats import duration, many
from mmaudit.names import CPU_SECONDS
from mmaudit.runs.config import Finished
from mmaudit.runs.folder import Run
from mmaudit.runs.shards import part as shares
from mmaudit.runs.shards.part import JobPart
from mmaudit.tables import log
from mmaudit.tables.provenance import provenance
from mmaudit.tables.run import audits

DEAREST = 3  # methods whose cost is said


def show(run: Run, audit: str, json: bool) -> None:
    """Print what one audit says; its tables are written."""
    table = run[f"{audit}/summary"].arrow()
    if json:
        typer.echo(as_json(table.to_pylist()))
        return
    source = provenance(table.schema.metadata)
    if source is not None:
        for line in (source.headline, *source.notes):
            typer.echo(line)
    if line := cost(log.read(run.path).get("audits", {}).get(audit, {})):
        typer.echo(line)
    typer.echo(f"tables: {run.where}/{audit}")
    typer.echo(f"next: mmaudit report {quote(run.where)} (a page), or --form terminal (here)")


def show_part(run: Run, audit: str, json: bool) -> None:
    """Print what a shard of an audit has done, and what comes next."""
    part = shares.read(run.path, run.path / audit / log.PLAN)
    part_lines(part, json=json, where=run.where)


def show_parts(run: Run) -> None:
    """Print what a shard of every audit has done, and what comes next for all of them."""
    for audit in sorted(path.parent.name for path in run.path.glob(f"*/{log.PLAN}")):
        typer.echo(f"{audit}:")
        show_part(run, audit, json=False)


def part_lines(part: JobPart, *, json: bool, where: str = "") -> None:
    """Print which units a part has, and what comes next; or the same as JSON."""
    shard, units = part.shard, len(part.units)
    whole, samples = part.plan[shares.UNITS], part.request.samples
    if json:
        facts = {"shard": str(shard), "units": units, "of": whole, "samples": samples}
        typer.echo(json_format.dumps(facts))
        return
    of = f", {many(samples, 'sample')}" if samples is not None else ""
    typer.echo(f"part {shard}: {many(units, 'unit')} of {whole}{of}")
    folder = where or str(part.folder)
    typer.echo(f"written: {folder}")
    others = " ".join(quote(folder) if one == shard else f"PART-{one.number}" for one in shard.all)
    trust = " --trust" if part.request.trusts else ""
    typer.echo(f"next, when all {shard.count} parts are there: mmaudit merge RUN {others}{trust}")


def show_merged(run: Run, json: bool) -> None:
    """Print what each audit of a merged run says."""
    names = audits(run.path)
    if json and len(names) > 1:
        rows = {name: run[f"{name}/summary"].arrow().to_pylist() for name in names}
        typer.echo(json_format.dumps(rows, indent=1, default=str))
        return
    for name in names:
        show(run, name, json)


def cost(entry: Mapping[str, Any]) -> str:
    """What a training took of the processor, of the dearest; empty where nothing was trained."""
    seconds: Mapping[str, float] = entry.get(CPU_SECONDS, {})
    dearest = sorted(seconds, key=lambda name: -seconds[name])[:DEAREST]
    each = ", ".join(f"{name} {duration(seconds[name])}" for name in dearest)
    mean = sum(seconds.values()) / max(1, len(seconds))
    return f"CPU time of a training: {duration(mean)} on average; most {each}." if each else ""


def finish(done: Finished) -> None:
    """Print the verdict and where the report is, and leave with the verdict's exit code."""
    from mmaudit.gate.outputs import terminal

    for entry in log.read(done.run.path)["audits"].values():
        for line in entry.get("left_out", ()):
            typer.echo(line)
    if done.verdict is not None:
        typer.echo("\n".join(terminal.lines(done.verdict)))
    typer.echo(f"report: {str(done.report).replace(str(done.run.path), done.run.where)}")
    raise typer.Exit(done.verdict.exit_code if done.verdict else 0)


def as_json(rows: list[dict[str, Any]]) -> str:
    """Rows as JSON, one an array element a line."""
    return "[\n" + ",\n".join(json_format.dumps(row, default=str) for row in rows) + "\n]"
