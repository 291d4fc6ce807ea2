"""What ``mmaudit corrupt`` prints: its card in lines, or whether a dataset is what a card says."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from mmaudit.errors import UsageError
from mmaudit.formats import number
from mmaudit.stores.urls import store_of

if TYPE_CHECKING:
    from mmaudit.injection.run import CorruptedCopy


def show(result: "CorruptedCopy", out: Path, *, as_json: bool) -> None:
    """Say what was done and where the dataset is, or print the card."""
    if as_json:
        typer.echo(json.dumps(result.card, indent=1, default=str))
        return
    for step in result.card["steps"]:
        for line in _lines(step, result.card["options"]["calibrate"]):
            typer.echo(line)
    for column, n in result.card["renamed"].items():
        typer.echo(f"{column}: {n} files have their sample's id in their name, as others share it")
    for column, n in result.card.get("endings", {}).items():
        why = "which stay, as they are ids or as loaders take one ending for a column"
        typer.echo(f"{column}: {n} files hold another form than their names say, {why}")
    typer.echo(f"dataset: {store_of(out) or out}/dataset.toml")


def show_part(result: "CorruptedCopy", out: Path, *, as_json: bool) -> None:
    """Say which units a part has and what comes next."""
    from mmaudit.cli.output import part_lines
    from mmaudit.runs.shards.part import plan_of_copy

    part_lines(plan_of_copy(result.path), json=as_json, where=store_of(out) or str(out))


def verify(path: Path, clean: str | None, flags: Mapping[str, Any]) -> int:
    """Compare a corrupted dataset with its card: 0 where the bytes match, else 1.

    Args:
        path: The card.
        clean: The dataset that it was made from, where it is not where the card says.
        flags: What else was asked for; the card says all of that.
    """
    from mmaudit.injection.record.verify import verify as compare
    from mmaudit.runs.places.opened import fetched

    if flags:
        raise UsageError(
            f"--verify does what the card says, and not {', '.join(sorted(flags))}",
            fix=f"mmaudit corrupt --verify {path}",
        )
    if store_of(path):
        path = fetched(path.parent, "corrupt --verify") / path.name
    same, lines = compare(path, clean)
    for line in lines:
        typer.echo(line)
    return 0 if same else 1


def _lines(step: Mapping[str, Any], target: str | None) -> Iterator[str]:
    """What a step did: how many samples by severity, or the rates of a plan.

    Args:
        step: What the card says of it.
        target: The dose that was to be reached.
    """
    by_severity = step.get("samples_by_severity")
    rates = json.dumps(step.get("realised", {}) if by_severity is None else by_severity)
    line = f"{step['part']} on {step['modality']}: {rates}"
    if by_severity is None:
        yield line
        return
    lacking = sum(n for level, n in by_severity.items() if level != "0") - step["applied"]
    line += f", {lacking} of them without a value" if lacking else ""
    same = step["applied"] - step["changed"]
    if same and not step["changed"]:
        line += ": left out, because no sample is changed by it"
    elif same:
        line += f", {same} of them as they were"
    yield line
    if target is not None:
        yield from _calibrated(step.get("calibrated"), target)


def _calibrated(levels: Mapping[str, Any] | None, target: str) -> Iterator[str]:
    """By which parameters the doses were reached, or why they were not."""
    if levels is None:
        yield f"  not measured by {target.partition('=')[0]}: as it is"
        return
    for level in levels["levels"]:
        dose = f"  {levels['dose']}={level['target']:g}"
        if level["ok"]:
            yield f"{dose}: {', '.join(f'{k} {number(v)}' for k, v in level['parameters'].items())}"
        else:
            ends = " to ".join(f"{round(end, 4):g}" for end in levels["reachable"])
            yield f"{dose} cannot be reached: severities 1 to 5 have {ends}"
