"""One audit from options to tables: open the data, load the model, run the units, write."""

import os
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from mmaudit import files, parts
from mmaudit.aside import means
from mmaudit.audits.base import Job, Outcome, Staging
from mmaudit.audits.declaration import Common, declaration
from mmaudit.audits.robustness.sweep import Sweep
from mmaudit.engines.base import ROWS, Marked, Unit, begun, cut
from mmaudit.engines.declaration import Place, Runner, opened
from mmaudit.errors import UsageError
from mmaudit.faults import SOMEONES, Faults
from mmaudit.inference.inputs import Inputs
from mmaudit.models.access import Access
from mmaudit.models.depends import Needs, noted
from mmaudit.models.load import load as load_model
from mmaudit.options import naming_models
from mmaudit.patience import require as require_time
from mmaudit.progress import Report, progress
from mmaudit.runs.early import stages
from mmaudit.runs.folder import Run
from mmaudit.runs.places.mirror import putting
from mmaudit.runs.places.opened import writing
from mmaudit.runs.record import verdicts
from mmaudit.runs.record.harmful import settled
from mmaudit.runs.record.identity import identity_of, provenance_of
from mmaudit.runs.record.occasion import occasion
from mmaudit.runs.record.tables import close, write
from mmaudit.runs.selection import Selected, select
from mmaudit.runs.shards.begin import open_folder, share_of
from mmaudit.runs.shards.parts import JobParts
from mmaudit.runs.shards.request import JobRequest, said, unusual
from mmaudit.runs.unit_files import UnitFiles
from mmaudit.samples.dataset import Dataset
from mmaudit.samples.origin import origins
from mmaudit.tables.provenance import Provenance
from mmaudit.tables.shards import JobShard

Until = Callable[[Job, Inputs], Staging | None]
SAMPLES = "samples"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Call:
    """How one audit is called; its attributes are as `audit` has them.

    Attributes:
        shard: The share of its units that is to be done; None for all.
        request: The same for a part, whose joining needs no flag again.
    """

    name: str
    dataset: str | Path | Dataset
    model: object | None
    options: Common
    access: Access
    until: Until | None
    unit_rows: int
    shard: JobShard | None
    request: JobRequest
    parts_of: JobParts | None
    quiet: bool


def audit(
    name: str,
    dataset: str | Path | Dataset,
    model: object | None,
    options: Common,
    *,
    out: str | Path | None = None,
    named_by: str,
    trust: bool = False,
    sha256: str | None = None,
    quiet: bool = False,
    until: Until | None = None,
    unit_rows: int = ROWS,
    parts_of: JobParts | None = None,
) -> Run:
    """Run one audit and return its tables.

    Args:
        name: Name of the audit, as ``robustness``.
        dataset: A manifest, a data path, or an opened dataset.
        model: ``ADAPTER:WHERE``, or any object with ``modalities`` and ``scores``.
        options: The audit's own ``Options``.
        out: The run directory, or its address in a store; a temporary one where there is none.
        named_by: Who named the model and those that options name: ``PERSON``, or a file.
        trust: Whether a model file that can run code may be opened.
        sha256: Digest that the model file must have.
        quiet: Whether to say nothing on stderr.
        until: Makes the plan of what is asked by stages; else it is the job's own.
        unit_rows: Samples of a unit, where a plan does not say which.
        parts_of: The parts of this very audit, which have all of its units; None to make them.

    Raises:
        UsageError: There is no such engine, or the options mean nothing for this dataset.
        InputError: The model's own code failed.
        IncompleteError: More samples could not be read than ``max_skipped`` allows, or a step
            of a sweep changed no sample.
    """
    _check_pin(sha256, model, options)
    shard = JobShard.of(options.shard) if options.shard is not None else None
    if shard is not None and out is None:
        raise UsageError("a shard is a part of a run, in a folder of its own", fix="--out PART")
    options = settled(options)
    access = access_to(options, named_by, trust=trust, sha256=sha256)
    request = JobRequest(
        job=name,
        dataset=said(dataset),
        model=model if isinstance(model, str) else None,
        sha256=sha256,
        trust=trust,
        options=unusual(options),
        unit_rows=unit_rows,
    )
    call = _Call(
        name=name,
        dataset=dataset,
        model=model,
        options=options,
        access=access,
        until=until,
        unit_rows=unit_rows,
        shard=shard,
        request=request,
        parts_of=parts_of,
        quiet=quiet,
    )
    place = Place() if parts_of else place_of(options, model)
    with writing(out, name.replace("_", "-")) as run, noted() as needs, opened(place) as runner:
        beside = replace(options, workers=runner.beside)
        _audit(replace(call, options=beside), run, runner, needs)
    return run


def _audit(call: _Call, run: Run, runner: Runner, needs: Needs) -> None:
    """Run one audit in a folder that is its own meanwhile."""
    started, name, options = time.monotonic(), call.name, call.options
    part = parts.load("audits", name)
    selected = select(call.dataset, options, trains=declaration(name).trains)
    inputs = _inputs(call, selected, run)
    with Faults.of(inputs.model.info.spec) if inputs.model else Faults(SOMEONES):
        job: Job = part.prepare(options, inputs)
        plan = call.until(job, inputs) if call.until else job.plan
        spec = call.parts_of.spec if call.parts_of else None  # as it was where it lay then
        provenance = provenance_of(name, options, inputs, job, plan, spec)
        says = (*selected.says, *job.says)
        units = _begin(call, run, job, plan, len(inputs.dataset), provenance, needs)
        with progress(name, quiet=call.quiet) as shown:
            report = putting(run.path, shown)
            if not call.quiet:
                sys.stderr.writelines(f"{line}\n" for line in says)
            answers = _answers(run.path, units, job, plan, provenance, runner, report)
        if call.shard is not None:
            return
        outcome: Outcome = part.summarise(options, inputs, answers)
        if job.tables is not None:
            outcome = replace(outcome, tables={**outcome.tables, **job.tables()})
        whole = plan.finish(outcome) if plan else outcome
        write(run.path, whole, part.Row, provenance, answers, declaration(name).views)
    facts: dict[str, Any] = {
        "wall_seconds": round(time.monotonic() - started, 3),
        "samples": len(inputs.dataset),
        "dataset": inputs.whole.manifest.name,
        **occasion(Path.cwd(), os.environ),
    }
    facts |= means(answers.files)
    facts |= {"left_out": list(outcome.aside)} if outcome.aside else {}
    facts |= {"workers": runner.workers, "engine": options.engine}
    facts |= {"max_skipped": options.max_skipped, "says": list(says)}
    close(run.path, name, facts, outcome)


def _inputs(call: _Call, selected: Selected, run: Run) -> Inputs:
    """What the audit is of: the samples, the model, and what was chosen before."""
    access = replace(call.access, origins=origins(selected.whole))
    earlier: Mapping[str, Any] = {}
    if call.parts_of:
        earlier = call.parts_of.plan
    elif call.options.resume:
        earlier = begun(run.path / call.name)
    return Inputs(
        dataset=selected.dataset,
        whole=selected.whole,
        model=load_model(call.model, access) if call.model is not None else None,
        access=access,
        earlier=earlier.get("options", {}),
    )


def _begin(
    call: _Call,
    run: Run,
    job: Job,
    plan: Staging | None,
    samples: int,
    provenance: Provenance,
    needs: Needs,
) -> Sequence[Unit]:
    """Make the folder ready, or refuse to mix two runs; the units that are to be done."""
    units: Sequence[Unit] = cut(samples, call.unit_rows) if job.units is None else cut(job.units, 1)
    for folder in (run.path, run.path / call.name):
        files.sweep_up(folder)
    whole, request = identity_of(provenance, units, needs), call.request
    if call.shard is not None:
        units = share_of(call.shard, units, plan)
        rows = sum(len(unit.rows) for unit in units) if job.units is None else None
        request = replace(request, samples=rows)
    open_folder(run.path / call.name, whole, call.options, call.shard, request, call.parts_of)
    verdicts.outdate(run.path)
    return units


def place_of(options: Common, model: object | None = None) -> Place:
    """Where the units of an audit are to run."""
    asks = model is not None or any(getattr(options, name) for name in naming_models(options))
    return Place(
        engine=options.engine,
        address=options.address,
        workers=options.workers,
        device=options.device if asks else "cpu",
    )


def access_to(
    options: Common, named_by: str, *, trust: bool = False, sha256: str | None = None
) -> Access:
    """How the models of an audit may be loaded.

    Args:
        options: How the audit is asked.
        named_by: Who named them.
        trust: Whether what can run code may be opened.
        sha256: Digest that the model file must have.

    Raises:
        UsageError: They are given no time to answer.
    """
    require_time(options.timeout)
    return Access(
        named_by=named_by,
        trust=trust,
        device=options.device,
        sha256=sha256,
        timeout=options.timeout,
    )


def _check_pin(sha256: str | None, model: object | None, options: Common) -> None:
    """Refuse the digest of a model file where nothing can name one."""
    if sha256 and model is None and not naming_models(options):
        raise UsageError("there is no model file to pin", fix="leave sha256 out")


def _answers(
    run: Path,
    units: Sequence[Unit],
    job: Job,
    plan: Staging | None,
    provenance: Provenance,
    runner: Runner,
    report: Report,
) -> UnitFiles:
    """Run the units, all of them or by stages, and give what reads them back."""
    folder = run / provenance.audit / SAMPLES
    metadata = provenance.metadata()
    if plan is None:
        runner.run(Marked(job.work, metadata), units, folder, report=report)
        return UnitFiles([folder / unit.file for unit in units])
    if not isinstance(job.work, Sweep):
        raise TypeError("only a sweep goes by stages")
    return stages.run(job.work, plan, folder, runner, units, metadata=metadata, report=report)
