"""Run: a whole dataset made worse, with a ledger of what was done and a card to do it again."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from mmaudit import __version__
from mmaudit.engines import local
from mmaudit.engines.base import Marked, Unit, cut
from mmaudit.engines.progress import progress
from mmaudit.errors import IncompleteError, InputError, UsageError
from mmaudit.injection import card, output, realised
from mmaudit.injection.around import Around
from mmaudit.injection.decided import Decided, decide
from mmaudit.injection.options import Options, without_place
from mmaudit.injection.steps import Step, resolve
from mmaudit.injection.work import HASHES, LEDGER, SKIPPED, Corrupting
from mmaudit.manifest.model import MEDIA
from mmaudit.samples import dataset as data
from mmaudit.samples.dataset import Dataset
from mmaudit.tables import store
from mmaudit.tables.provenance import Provenance

PARTS, PLAN = ".parts", "plan.json"
MEDIA_ROWS = 512  # samples a unit where they are heavy


@dataclass(frozen=True, slots=True)
class Injected:
    """What a run left.

    Attributes:
        path: Folder of the corrupted dataset; its manifest is ``dataset.toml`` in it.
        card: What ``card.json`` says.
    """

    path: Path
    card: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Prepared:
    """A run before any sample is read."""

    work: Corrupting
    units: tuple[Unit, ...]
    steps: tuple[Step, ...]
    options: Options


def corrupt_dataset(
    dataset: str | Path | Dataset,
    out: str | Path,
    options: Options,
    *,
    workers: int = 1,
    resume: bool = False,
    max_skipped: int = 0,
    quiet: bool = False,
) -> Injected:
    """Write a corrupted copy of a dataset.

    Args:
        dataset: A manifest, a data path, or an opened dataset.
        out: Folder to write.
        options: What is to be done.
        workers: Units at a time.
        resume: Whether to go on with what an interrupted run left.
        max_skipped: How many values that could not be read the result may have.
        quiet: Whether to say nothing on stderr.

    Raises:
        UsageError: The options cannot mean anything for this dataset, or the folder is taken.
        IncompleteError: More values could not be read than are allowed.
    """
    out = Path(out)
    whole = dataset if isinstance(dataset, Dataset) else data.open(dataset)
    prepared = prepare(whole, options, out)
    _begin(out, prepared, resume=resume)
    with progress("corrupt", quiet=quiet) as report:
        local.run(
            Marked(prepared.work, prepared.work.made.metadata()),
            prepared.units,
            out / output.DATA,
            workers=workers,
            report=report,
        )
    told = _finish(out, whole, prepared)
    lost = told["skipped"]
    if lost > max_skipped:
        raise IncompleteError(
            f"{lost} values could not be read, more than --max-skipped = {max_skipped}",
            where=str(out / "skipped.parquet"),
            fix="repair them, or allow them with --max-skipped",
        )
    return Injected(out, told)


def prepare(
    whole: Dataset,
    options: Options,
    out: Path | None,
    given: Mapping[int, NDArray[Any]] | None = None,
) -> Prepared:
    """Decide everything that concerns the whole set.

    Args:
        whole: All samples.
        options: What is to be done.
        out: Folder of the run; None where nothing is written.
        given: Plans by the place of their step, where they were decided elsewhere.
    """
    dataset = whole.select(split=options.split, limit=options.limit, seed=options.seed)
    steps = resolve(options.apply, dataset)
    decided = decide(
        dataset,
        steps,
        seed=options.seed,
        fraction=options.fraction,
        severity_per_sample=options.severity_per_sample,
        given=given or {},
    )
    around = {m: Around(dataset, whole, m, options.seed) for m in dataset.modalities}
    made = Provenance(
        audit="corrupt",
        options=without_place(options),
        seed=options.seed,
        versions={"mmaudit": __version__} | {s.name: str(s.version) for s in steps},
        digests=whole.digests,
    )
    work = Corrupting(
        dataset=dataset,
        decided=decided,
        around=around,
        seed=options.seed,
        scale_with_size=options.scale_with_size,
        side=None if out is None else out / PARTS,
        made=made,
    )
    heavy = MEDIA & set(dataset.kinds.values())
    units = cut(len(dataset), MEDIA_ROWS) if heavy else cut(len(dataset))
    return Prepared(work, units, steps, options)


def summary(prepared: Prepared) -> list[dict[str, Any]]:
    """What every step is and what it really does, one entry a step."""
    return [_summary(prepared.work, d) for d in prepared.work.decided]


def _summary(work: Corrupting, decided: Decided) -> dict[str, Any]:
    step = decided.step
    told: dict[str, Any] = {
        "part": step.name,
        "modality": "+".join(step.modalities) or "label",
        "severity": step.severity,
        "parameters": step.parameters(step.severity),
        "version": step.version,
    }
    if step.makes == "values":
        levels, counts = np.unique(decided.severity, return_counts=True)
        told["samples_by_severity"] = dict(zip(map(str, levels), counts.tolist(), strict=True))
        if work.decided and len(levels) > 1:
            told["parameters"] = {str(s): step.parameters(int(s)) for s in levels if s}
    elif step.makes == "mask":
        mask = np.stack([decided.mask(m) for m in step.modalities], axis=1)
        told["realised"] = realised.told(realised.missing(mask, step.modalities))
    elif step.makes == "donors" and decided.groups is not None:
        told["realised"] = realised.pairs(decided.made, decided.groups)
    elif step.makes == "labels":
        classes = work.dataset.classes or ()
        index = {name: i for i, name in enumerate(classes)}
        old = np.array([index[v] for v in work.dataset.column("label").to_pylist()], np.int64)
        told["realised"] = realised.labels(old, decided.made, classes)
    return told


def _begin(out: Path, prepared: Prepared, *, resume: bool) -> None:
    """Make the folder ready, or refuse to mix two runs."""
    told = json.loads(
        json.dumps({"made": str(prepared.work.made), "units": len(prepared.units)}, default=str)
    )
    plan = out / PARTS / PLAN
    if plan.exists():
        if not resume:
            raise UsageError(
                "there is an interrupted run in this folder",
                where=str(out),
                fix="--resume to go on with it, or another OUT",
            )
        if json.loads(plan.read_text("utf-8")) != told:
            raise UsageError(
                "the run in this folder was another one: data, options or versions changed",
                where=str(out),
                fix="the same as before, or another OUT",
            )
        return
    if out.exists() and any(out.iterdir()):
        raise UsageError("the folder is not empty", where=str(out), fix="another OUT")
    card.write(plan, told)


def _finish(out: Path, whole: Dataset, prepared: Prepared) -> dict[str, Any]:
    """Join the tables beside the data, write manifest and card, remove the parts."""
    side = out / PARTS
    for name in (LEDGER, HASHES, SKIPPED):
        output.joined(side / name, out / f"{name}.parquet")
    dataset = prepared.work.dataset
    path = f"{output.DATA}/*.parquet"
    made = output.manifest(dataset, path, "parquet", {})
    card.replace(out / output.MANIFEST, made.to_toml().encode())
    hashes = store.read(out / f"{HASHES}.parquet")
    told = {
        "schema": card.SCHEMA,
        "mmaudit": __version__,
        "options": without_place(prepared.options),
        "steps": summary(prepared),
        "dataset": {
            "name": dataset.manifest.name,
            "samples": len(dataset),
            "digests": whole.digests,
            "manifest": card.manifest_from(whole, out),
        },
        "versions": {"pyarrow": pa.__version__, "numpy": np.__version__},
        "skipped": store.opened(out / f"{SKIPPED}.parquet").metadata.num_rows,
        "content": card.content_hash(hashes),
        "files": card.file_hashes(out, _written(out)),
    }
    card.write(out / card.CARD, told)
    output.clean(side)
    return told


def _written(out: Path) -> Sequence[Path]:
    names = [output.MANIFEST, *(f"{n}.parquet" for n in (LEDGER, HASHES, SKIPPED))]
    return [*(p for p in (out / output.DATA).rglob("*") if p.is_file()), *(out / n for n in names)]


def verify(path: str | Path) -> tuple[bool, list[str]]:
    """Make a corrupted dataset again in memory and compare it with what a card says.

    Args:
        path: A ``card.json`` beside the corrupted dataset.

    Returns:
        Whether all bytes match, and what was compared, one line each.

    Raises:
        InputError: The clean data is not there, or is not what it was.
    """
    path = Path(path)
    told = card.read(path)
    whole = data.open(card.manifest_of(told, path.parent.absolute()))
    if whole.digests["data"] != told["dataset"]["digests"]["data"]:
        raise InputError(
            "the clean data is not what the card was made from",
            where=str(whole.manifest.folder / whole.manifest.source.path),
            fix="the same data as then",
        )
    lines = _compare_files(path.parent, told)
    prepared = prepare(
        whole, Options(**told["options"] | {"apply": tuple(told["options"]["apply"])}), None
    )
    again = [prepared.work.made_of(unit.rows) for unit in prepared.units]
    hashes = pa.concat_tables(again)
    if card.content_hash(hashes) != told["content"]:
        lines.append(f"differs when made again: {_first_difference(path.parent, hashes)}")
    ok = not lines
    n = len(told["files"])
    return ok, lines or [f"{n} files and {hashes.num_rows} values match, byte for byte"]


def _compare_files(folder: Path, told: Mapping[str, Any]) -> list[str]:
    lines = []
    for name, digest in told["files"].items():
        if not (folder / name).is_file():
            lines.append(f"is not there: {name}")
        elif card.file_hashes(folder, [folder / name])[name] != digest:
            lines.append(f"differs from the card: {name}")
    return lines


def _first_difference(folder: Path, again: pa.Table) -> str:
    order = [("id", "ascending"), ("modality", "ascending")]
    before = store.read(folder / f"{HASHES}.parquet").sort_by(order).to_pylist()
    for was, now in zip(before, again.sort_by(order).to_pylist(), strict=False):
        if was != now:
            return f"{now['modality']} of {now['id']}"
    return "the number of samples"
