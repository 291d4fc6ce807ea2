"""Prepare: everything that a run decides about the whole set before any value is touched."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from mmaudit.engines.base import ROWS, Unit, cut
from mmaudit.errors import UsageError
from mmaudit.injection import folders
from mmaudit.injection.assignment import PlanArray, assign
from mmaudit.injection.calibrate import Calibration, calibrate, with_levels
from mmaudit.injection.context import Surroundings
from mmaudit.injection.effects.lineage import lineage
from mmaudit.injection.encoder import Encoder
from mmaudit.injection.options import CorruptOptions, without_place
from mmaudit.injection.record import index, rates
from mmaudit.injection.steps import Step, resolve
from mmaudit.injection.unit import CorruptionWork
from mmaudit.injection.write.layout import layout
from mmaudit.injection.write.manifest import PARTS
from mmaudit.kinds.base import is_media
from mmaudit.samples.dataset import Dataset
from mmaudit.samples.memory import budget
from mmaudit.tables.provenance import Provenance
from mmaudit.version import VERSION

LOOKED_AT = 16  # samples whose size is looked at


@dataclass(frozen=True, slots=True)
class UnitSize:
    """How large the units of a run are, and when other processes are worth their start.

    Attributes:
        content: Bytes of encoded media in a unit, about: so that there are enough to share out.
        fewest: Samples of a unit, at least.
        most: Samples of a unit, at most.
        many: Units for which it pays to start other processes.
    """

    content: int = 4 * 2**20
    fewest: int = 16
    most: int = ROWS
    many: int = 16


USUAL = UnitSize()


@dataclass(frozen=True, slots=True)
class Preparation:
    """A run before any sample is made.

    Attributes:
        work: The function of a unit.
        units: The units, in order.
        steps: What is done, in order.
        calibrations: What calibration gave, by ``corruption@modality``.
    """

    work: CorruptionWork
    units: tuple[Unit, ...]
    steps: tuple[Step, ...]
    calibrations: dict[str, Calibration]


def prepare(
    whole: Dataset,
    options: CorruptOptions,
    out: Path | None,
    encoder: Encoder | None = None,
    calibrations: dict[str, Calibration] | None = None,
    size: UnitSize = USUAL,
    memory: int | None = None,
) -> Preparation:
    """Decide everything that concerns the whole set.

    Args:
        whole: All samples.
        options: What is to be done.
        out: Folder of the run; None where nothing is written.
        encoder: What also measures texts and pictures; it changes the ledger, and no value unless
            it is what a dose is calibrated by.
        calibrations: What calibration gave before; it is not looked for again.
        size: How large units are.
        memory: Bytes that a worker may take for decoded samples; None for half of what there is.
    """
    dataset = whole.select(split=options.split, limit=options.limit, seed=options.seed)
    steps = folders.with_folders(resolve(options.apply, dataset), options, dataset)
    surroundings = {m: Surroundings(dataset, whole, m, options.seed) for m in dataset.modalities}
    if calibrations is None:
        calibrations = calibrate(
            steps,
            options.calibrate,
            surroundings,
            options.seed,
            encoder,
            scale=options.scale_with_size,
        )
    steps = with_levels(steps, calibrations)
    assignments = assign(
        dataset,
        steps,
        seed=options.seed,
        fraction=options.fraction,
        severity_per_sample=options.severity_per_sample,
        plans=_plans_from_file(steps, options, dataset),
    )
    provenance = Provenance(
        audit="corrupt",
        options=without_place(options),
        seed=options.seed,
        versions={"mmaudit": VERSION}
        | {s.name: str(s.version) for s in steps}
        | ({} if encoder is None else {encoder.spec: encoder.digest}),
        digests=whole.digests | folders.digests(options),
    )
    units = cut(len(dataset), unit_rows(dataset, size))
    work = CorruptionWork(
        dataset=dataset,
        layout=layout(dataset, options.format, assignments),
        assignments=assignments,
        surroundings=surroundings,
        seed=options.seed,
        scale_with_size=options.scale_with_size,
        side=None if out is None else out / PARTS,
        provenance=provenance,
        encoder=encoder,
        memory=memory or budget(None, 1),
        processes=encoder is None and len(units) >= size.many,
    )
    return Preparation(work, units, steps, calibrations)


def unit_rows(dataset: Dataset, size: UnitSize = USUAL) -> int:
    """How many samples a unit has: fewer where they are heavy; it follows from the data alone."""
    heavy = [m for m, kind in dataset.kinds.items() if is_media(kind)]
    looked = range(min(LOOKED_AT, len(dataset)))
    weight = sum(dataset.cells(m, looked).nbytes for m in heavy) / max(len(looked), 1)
    rows = int(size.content / weight) if weight else size.most
    return min(size.most, max(size.fewest, rows))


def summary(
    prepared: Preparation, done: Mapping[tuple[str, str], Mapping[str, int]]
) -> list[dict[str, Any]]:
    """What every step is and what it really did, one entry a step.

    Args:
        prepared: The run.
        done: To how many samples it was done, and how many it changed, by corruption and modality.
    """
    entries = [_summary(prepared.work, place) for place in range(len(prepared.steps))]
    for entry in entries:
        if "samples_by_severity" in entry:
            entry |= {
                "applied": 0,
                "changed": 0,
                **done.get((entry["part"], entry["modality"]), {}),
            }
        calibration = prepared.calibrations.get(f"{entry['part']}@{entry['modality']}")
        if calibration is not None:
            entry["calibrated"] = asdict(calibration)
    return entries


def _plans_from_file(
    steps: tuple[Step, ...], options: CorruptOptions, dataset: Dataset
) -> Mapping[int, PlanArray]:
    """The plan that comes from a file, by the place of its step."""
    if options.index is None:
        return {}
    plans = [i for i, step in enumerate(steps) if step.makes != "values"]
    if len(plans) != 1:
        raise UsageError(
            f"an index decides one plan, and {len(plans)} are asked for",
            fix="one of missing/*, pairing/*, label/*",
        )
    step = steps[plans[0]]
    return {plans[0]: index.read(options.index, dataset, step.makes, step.modalities)}


def _summary(work: CorruptionWork, place: int) -> dict[str, Any]:
    assignment = work.assignments[place]
    step = assignment.step
    entry: dict[str, Any] = {
        "part": step.name,
        "modality": "+".join(step.modalities) or "label",
        "severity": step.severity,
        "version": step.version,
    }
    if step.makes == "values":
        everyone = np.arange(len(work.dataset))
        owners = lineage(work.assignments, step.modality, everyone).owners[place]
        mine = owners if assignment.drawn is None else owners[assignment.drawn[owners]]
        levels, counts = np.unique(assignment.severity[mine], return_counts=True)
        if step.draw is not None:
            entry["drawn_from"] = step.draw.pattern
        entry["parameters"] = {str(s): step.parameters(int(s)) for s in levels if s}
        entry["dose"] = step.part.dose.name
        entry["samples_by_severity"] = dict(zip(map(str, levels), counts.tolist(), strict=True))
        return entry
    entry["parameters"] = step.parameters(step.severity)
    if step.makes == "mask":
        entry["realised"] = _missing(work, place)
    elif step.makes == "donors" and assignment.groups is not None:
        entry["realised"] = rates.pairs(assignment.indices, assignment.groups)
    elif step.makes == "labels":
        classes = work.dataset.classes or ()
        number = {name: i for i, name in enumerate(classes)}
        old = np.array([number[v] for v in work.dataset.column("label").to_pylist()], np.int64)
        entry["realised"] = rates.labels(old, assignment.indices, classes)
    return entry


def _missing(work: CorruptionWork, place: int) -> dict[str, Any]:
    """What is absent after a mask, whatever the reason; and what it took, where that is less."""
    assignment = work.assignments[place]
    modalities = assignment.step.modalities
    there = np.array(assignment.present)
    for earlier in work.assignments[:place]:
        for m, modality in enumerate(modalities):
            if modality not in earlier.step.modalities:
                continue
            if earlier.step.makes == "mask":
                there[:, m] &= ~earlier.mask(modality)
            elif earlier.step.makes == "donors":
                there[:, m] = there[earlier.indices, m]
    taken = there & np.stack([assignment.mask(m) for m in modalities], axis=1)
    summary = asdict(rates.missing(~there | taken, modalities))
    return summary if there.all() else {"taken": float(taken.sum() / max(there.sum(), 1))} | summary
