"""Run: a whole dataset made worse, with a ledger of what was done and a card to do it again."""

import json
import os
import sys
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Protocol

from mmaudit import files, locks
from mmaudit.engines.base import PLAN, Marked, Unit, begin, entire
from mmaudit.engines.declaration import Runner, here
from mmaudit.errors import IncompleteError, UsageError
from mmaudit.formats import many
from mmaudit.injection.encoder import Encoder
from mmaudit.injection.options import CorruptOptions
from mmaudit.injection.prepare import USUAL, Preparation, UnitSize, prepare
from mmaudit.injection.record import card, listing
from mmaudit.injection.record.finish import PLANS, finish
from mmaudit.injection.unit import BEYOND, HASHES, LEDGER, SKIPPED, unit_side
from mmaudit.injection.write import formats, manifest
from mmaudit.injection.write.form import Form
from mmaudit.injection.write.manifest import DATA, PARTS
from mmaudit.parsing.documents import from_json
from mmaudit.progress import progress
from mmaudit.samples import dataset as data
from mmaudit.samples.account import account, beyond
from mmaudit.samples.dataset import Dataset
from mmaudit.samples.memory import budget
from mmaudit.samples.readable import require_readable
from mmaudit.tables import store
from mmaudit.tables.shards import SHARD, JobShard
from mmaudit.version import VERSION

SIDES = (LEDGER, HASHES, SKIPPED, BEYOND)


@dataclass(frozen=True, slots=True)
class CorruptedCopy:
    """What a run left.

    Attributes:
        path: Folder of the corrupted dataset; its manifest is ``dataset.toml`` in it.
        card: What ``card.json`` says.
    """

    path: Path
    card: Mapping[str, Any]


class CopyParts(Protocol):
    """All parts of a copy that were made in shards."""

    def check(self, identity: Mapping[str, Any]) -> None:
        """Refuse to join them where they are of something else than what is here.

        Raises:
            UsageError: They are.
        """
        ...

    def place_copy(self, out: Path, tables: Path, workers: int) -> None:
        """Give their files a place in the copy, the units' tables last.

        Args:
            out: Folder of the copy.
            tables: The folder in it of the units' tables.
            workers: How many files are read at a time.
        """
        ...


@dataclass(frozen=True, slots=True)
class CopyShare:
    """Which units of a copy are made, or are there.

    Attributes:
        shard: The share that is made; None for all of them.
        request: What was asked for, which the plan of a part holds.
        parts_of: The parts that have all of them; None to make them.
    """

    shard: JobShard | None
    request: Mapping[str, Any] | None
    parts_of: CopyParts | None


def corrupt_dataset(
    dataset: str | Path | Dataset,
    out: str | Path,
    options: CorruptOptions,
    *,
    workers: int = 1,
    runner: Runner | None = None,
    memory: str | None = None,
    resume: bool = False,
    max_skipped: int = 0,
    preview: str | Path | None = None,
    encoder: Encoder | None = None,
    quiet: bool = False,
    size: UnitSize = USUAL,
    shard: JobShard | None = None,
    request: Mapping[str, Any] | None = None,
    parts_of: CopyParts | None = None,
) -> CorruptedCopy:
    """Write a corrupted copy of a dataset, or a part of one.

    Args:
        dataset: A manifest, a data path, or an opened dataset.
        out: Folder to write.
        options: What is to be done.
        workers: Units at a time, here.
        runner: What runs them elsewhere; None for here.
        memory: What all of them may take for decoded samples, as ``512MB``.
        resume: Whether to go on with what an interrupted run left.
        max_skipped: How many values that could not be read the result may have.
        preview: Picture of originals against severities to write, before any sample.
        encoder: What also measures texts and pictures, by the cosine of what a model sees in them.
        quiet: Whether to say nothing on stderr.
        size: How large units are.
        shard: The share of the units that is made; None for all of them.
        request: What was asked for, which the plan of a part holds.
        parts_of: The parts of this very copy, which have all of its units; None to make them.

    Raises:
        UsageError: The options cannot mean anything for this dataset, or the folder is taken.
        IncompleteError: More values could not be read than are allowed, or a step changed nothing.
    """
    if options.encoder is not None and encoder is None:
        raise UsageError(
            f"the encoder {options.encoder!r} is named and not given",
            fix="corrupt_dataset(…, encoder=Encoder(…))",
        )
    runner = runner or here(workers)
    out = Path(out)
    whole = dataset if isinstance(dataset, Dataset) else data.open(dataset)
    manifest.require_outside(whole, out)
    with locks.alone(out, "corrupt"):
        most = budget(memory, runner.beside)
        prepared = prepare(whole, options, out, encoder, size=size, memory=most)
        require_readable(prepared.work.dataset)
        form = formats.form(prepared.work.layout, out, prepared.units)
        if not quiet:
            says = (*account(prepared.work.dataset), *beyond(prepared.work.dataset))
            sys.stderr.writelines(f"{line}\n" for line in says)
        share = CopyShare(shard, request, parts_of)
        _ready(out, prepared, options, preview, share, resume=resume)
        if shard is not None:
            _make_units(out, prepared, form, shard.share(prepared.units), runner, quiet=quiet)
            listing.write(out, runner.beside)
            return CorruptedCopy(out, {})
        if (out / card.CARD).exists():  # the last that is written
            if not quiet:
                sys.stderr.write(f"corrupt: {out} is finished, nothing is left to do\n")
        else:
            if parts_of is not None:
                parts_of.place_copy(out, form.parts, runner.beside)
            _make_units(out, prepared, form, prepared.units, runner, quiet=quiet)
            finish(out, whole, prepared, options, form, runner.beside)
        entries = card.read(out / card.CARD)
        manifest.clean(out / PARTS)
        _require_effect(entries["steps"], out)
        lost = entries["skipped"]
        if lost > max_skipped:
            raise IncompleteError(
                f"{lost} values could not be read, more than --max-skipped = {max_skipped}",
                where=str(out / "skipped.parquet"),
                fix="repair them, or allow them with --max-skipped",
            )
        return CorruptedCopy(out, entries)


def _ready(
    out: Path,
    prepared: Preparation,
    options: CorruptOptions,
    path: str | Path | None,
    share: CopyShare,
    *,
    resume: bool,
) -> None:
    """Make the folder ready, and draw: refused before anything is written, where it cannot be."""
    if path is None:
        _begin(out, prepared, options, share, resume=resume)
        return
    from mmaudit.injection import preview  # noqa: PLC0415  only who asks waits for it

    drawn = preview.sheet(prepared)
    _begin(out, prepared, options, share, resume=resume)
    preview.save(drawn, path)


def _make_units(
    out: Path,
    prepared: Preparation,
    form: Form,
    units: Sequence[Unit],
    runner: Runner,
    *,
    quiet: bool,
) -> None:
    """Make every unit that is not there."""
    _forget(out / PARTS, units, form.parts)
    with progress("corrupt", quiet=quiet) as report:
        runner.run(
            formats.Written(Marked(prepared.work, prepared.work.provenance.metadata()), form),
            units,
            form.parts,
            report=report,
        )


def _require_effect(steps: Iterable[Mapping[str, Any]], out: Path) -> None:
    """Refuse that something was asked for and done to no sample at all."""
    wanted: Counter[tuple[str, str]] = Counter()
    done: Counter[tuple[str, str]] = Counter()
    changed: Counter[tuple[str, str]] = Counter()
    for step in steps:
        if "applied" in step:
            key = step.get("drawn_from", step["part"]), step["modality"]
            wanted[key] += sum(n for s, n in step["samples_by_severity"].items() if s != "0")
            done[key] += step["applied"]
            changed[key] += step["changed"]
    for (part, modality), n in wanted.items():
        if not n or changed[part, modality]:
            continue
        why = f"none of {many(n, 'sample')} has a value of {modality!r} that can be read"
        if done[part, modality]:
            same = many(n, "sample is as it was", "samples are as they were")
            why = f"{same}, and there is nothing in them that it changes"
        raise IncompleteError(
            f"{part} changed nothing: {why}",
            where=str(out / f"{LEDGER}.parquet"),
            fix="a higher severity, another corruption or modality, or other samples",
        )


def _begin(
    out: Path, prepared: Preparation, options: CorruptOptions, share: CopyShare, *, resume: bool
) -> None:
    """Make the folder ready, or refuse to mix two runs."""
    side = out / PARTS
    encoder = prepared.work.encoder
    identity = asdict(prepared.work.provenance) | {"units": len(prepared.units)}
    identity |= {} if encoder is None else encoder.needs
    if share.parts_of is not None:
        share.parts_of.check(entire(identity))
    written = [Path(folder) for folder, *_ in os.walk(out / DATA)]
    for folder in (side, out, out / PLANS, *written):
        files.sweep_up(folder)
    if not (side / PLAN).exists():
        if side.is_dir() and not any(side.iterdir()):  # killed before it began
            side.rmdir()
        if (resume or share.parts_of) and not share.shard and (out / card.CARD).exists():
            _require_same(out, prepared, options)
            return
        files.require_empty(out, fix="another OUT")
    begin(
        side,
        identity | ({SHARD: str(share.shard)} if share.shard else {}),
        resume=resume or share.parts_of is not None,
        what="an interrupted run",
        other="another OUT",
        request=share.request,
    )


def _require_same(out: Path, prepared: Preparation, options: CorruptOptions) -> None:
    """Refuse to go on with a finished copy of something else."""
    there = card.read(out / card.CARD)
    now = {
        "mmaudit": VERSION,
        "options": card.options_from(options, out),
        "data": prepared.work.provenance.digests,
    }
    before = {**there, "data": there["dataset"]["digests"]}
    now = from_json(json.dumps(now, default=str))
    others = [key for key, value in now.items() if before[key] != value]
    if others:
        raise UsageError(
            f"the copy in this folder is of another run: other {' and '.join(others)}",
            where=str(out / card.CARD),
            fix="another OUT",
        )


def _forget(side: Path, units: Sequence[Unit], parts: Path) -> None:
    """Let units be made again whose tables beside the samples are damaged."""
    for unit in units:
        beside = (side / name / unit_side(unit.start) for name in SIDES)
        if not all(map(store.whole, beside)):
            (parts / unit.file).unlink(missing_ok=True)
