"""What ``mmaudit corrupt`` does between its flags and the library: choose, call, show."""

import json
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from mmaudit.errors import UsageError
from mmaudit.formats import number

if TYPE_CHECKING:
    from mmaudit.injection.encoder import Encoder

CODE = "python:"


def corrupt(
    dataset: str | None,
    out: Path | None,
    recipe: Path | None,
    given: dict[str, Any],
    *,
    resume: bool,
    as_json: bool,
) -> None:
    """Write the corrupted dataset and say what was done."""
    from mmaudit.injection import run
    from mmaudit.injection.options import from_recipe

    if dataset is None or out is None:
        raise UsageError("say what to corrupt and where to", fix="mmaudit corrupt DATASET OUT")
    chosen, how = from_recipe(recipe, **given)
    named = None if "encoder" in given else recipe
    encoder = None if chosen.encoder is None else _encoder(chosen.encoder, named)
    done = run.corrupt_dataset(
        dataset,
        out,
        chosen,
        workers=how.workers,
        resume=resume,
        max_skipped=how.max_skipped,
        preview=how.preview,
        encoder=encoder,
    )
    if as_json:
        typer.echo(json.dumps(done.card, indent=1, default=str))
        return
    for step in done.card["steps"]:
        for line in _lines(step, done.card["options"]["calibrate"]):
            typer.echo(line)
    typer.echo(f"dataset: {done.path / 'dataset.toml'}")


def verify(path: Path, clean: str | None, given: dict[str, Any]) -> int:
    """Compare a corrupted dataset with its card: 0 where the bytes match, else 1.

    Args:
        path: The card.
        clean: The dataset that it was made from, where it is not where the card says.
        given: What else was asked for; the card says all of that.
    """
    from mmaudit.injection.record.verify import verify as compare

    if given:
        raise UsageError(
            f"--verify does what the card says, and not {', '.join(sorted(given))}",
            fix=f"mmaudit corrupt --verify {path}",
        )
    same, lines = compare(path, clean)
    for line in lines:
        typer.echo(line)
    return 0 if same else 1


def _encoder(spec: str, recipe: Path | None) -> "Encoder":
    """A model that encodes texts or pictures, as one more measure of what was done.

    Args:
        spec: Which model.
        recipe: The file that names it; None where the command line does.

    Raises:
        UsageError: It has no embeddings of an input that is named ``text`` or ``image``, or a
            recipe names code to run.
    """
    from mmaudit.injection.encoder import Encoder, encoded_kinds, without_folders
    from mmaudit.models.base import TwoStage
    from mmaudit.models.load import load

    if recipe is not None and spec.startswith(CODE):
        raise UsageError(
            "a recipe cannot name Python code to run",
            where=str(recipe),
            fix=f"--encoder {spec} on the command line, if you trust it",
        )
    loaded = load(spec)
    model, kinds = loaded.model, set(encoded_kinds()) & set(loaded.info.modalities)
    if not isinstance(model, TwoStage) or loaded.info.output != "embeddings" or not kinds:
        raise UsageError(
            "this model has no embeddings of inputs that are named text or image",
            where=spec,
            fix="openclip:CONFIG.json@CHECKPOINT",
        )
    return Encoder(
        without_folders(spec),
        loaded.info.digest,
        {kind: partial(_encode, model.encode, kind) for kind in sorted(kinds)},
    )


def _encode(encode: Callable[..., Any], kind: str, values: list[Any]) -> Any:
    """Codes of values; pictures of 16 bits are shown to the model with their upper 8."""
    if kind == "image":
        values = [v if v.itemsize == 1 else (v >> 8).astype("uint8") for v in values]
    return encode(kind, values)


def _lines(step: dict[str, Any], asked: str | None) -> Iterator[str]:
    """What a step did: how many samples by severity, or the rates of a plan.

    Args:
        step: What the card says of it.
        asked: The dose that was to be reached.
    """
    by_severity = step.get("samples_by_severity")
    told = json.dumps(step.get("realised", {}) if by_severity is None else by_severity)
    line = f"{step['part']} on {step['modality']}: {told}"
    if by_severity is None:
        yield line
        return
    lacking = sum(n for level, n in by_severity.items() if level != "0") - step["applied"]
    yield f"{line}, {lacking} of them without a value" if lacking else line
    if asked is not None:
        yield from _calibrated(step.get("calibrated"), asked)


def _calibrated(found: dict[str, Any] | None, asked: str) -> Iterator[str]:
    """By which parameters the asked doses were reached, or why they were not."""
    if found is None:
        yield f"  not measured by {asked.partition('=')[0]}: as it is"
        return
    for level in found["levels"]:
        dose = f"  {found['dose']}={level['target']:g}"
        if level["ok"]:
            yield f"{dose}: {', '.join(f'{k} {number(v)}' for k, v in level['parameters'].items())}"
        else:
            ends = " to ".join(f"{round(end, 4):g}" for end in found["reachable"])
            yield f"{dose} cannot be reached: severities 1 to 5 have {ends}"
