"""What ``mmaudit corrupt`` does between its flags and the library: choose, call, show."""

import json
from pathlib import Path
from typing import Any, NamedTuple

import typer

from mmaudit.errors import UsageError


class How(NamedTuple):
    """How a run goes, not what it makes."""

    workers: int
    resume: bool
    max_skipped: int
    preview: Path | None
    as_json: bool


def corrupt(
    dataset: str | None, out: Path | None, recipe: Path | None, given: dict[str, Any], how: How
) -> None:
    """Write the corrupted dataset and say what was done."""
    from mmaudit.injection import run
    from mmaudit.injection.options import options, read_recipe

    if dataset is None or out is None:
        raise UsageError("say what to corrupt and where to", fix="mmaudit corrupt DATASET OUT")
    chosen = read_recipe(recipe, **given) if recipe else options({"apply": (), **given})
    done = run.corrupt_dataset(
        dataset,
        out,
        chosen,
        workers=how.workers,
        resume=how.resume,
        max_skipped=how.max_skipped,
        preview=how.preview,
    )
    if how.as_json:
        typer.echo(json.dumps(done.card, indent=1, default=str))
        return
    for step in done.card["steps"]:
        typer.echo(_line(step))
    typer.echo(f"dataset: {done.path / 'dataset.toml'}")


def verify(path: Path) -> int:
    """Compare a corrupted dataset with its card: 0 where the bytes match, else 1."""
    from mmaudit.injection.verify import verify as compare

    same, lines = compare(path)
    for line in lines:
        typer.echo(line)
    return 0 if same else 1


def _line(step: dict[str, Any]) -> str:
    shown = {k: v for k, v in step.items() if k in {"realised", "samples_by_severity"}}
    return f"{step['part']} on {step['modality']}: {json.dumps(next(iter(shown.values()), {}))}"
