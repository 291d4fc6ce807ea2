"""One audit from options to tables: open the data, load the model, run the units, write."""

import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import pyarrow as pa

from mmaudit import files, parts
from mmaudit.audits.base import Job, Outcome, Plan
from mmaudit.audits.declaration import Common
from mmaudit.audits.robustness.sweep import Sweep
from mmaudit.engines import local
from mmaudit.engines.base import Marked, Report, Unit, cut
from mmaudit.engines.progress import progress
from mmaudit.engines.resume import begin
from mmaudit.errors import InputError, UsageError
from mmaudit.gate.complete import check_complete
from mmaudit.inference.inputs import Access, Inputs
from mmaudit.models.load import load as load_model
from mmaudit.options import identity
from mmaudit.runs import folder as folders
from mmaudit.runs.early import stages
from mmaudit.runs.folder import Run
from mmaudit.samples import dataset as data
from mmaudit.samples.dataset import Dataset
from mmaudit.samples.skipped import Row as SkippedRow
from mmaudit.samples.skipped import skipped
from mmaudit.tables import store
from mmaudit.tables.arrow import to_table
from mmaudit.tables.provenance import Provenance
from mmaudit.version import VERSION

SAMPLES = "samples"
SKIPPED = "skipped.parquet"


def audit(
    name: str,
    dataset: str | Path | Dataset,
    model: object | None,
    options: Common,
    *,
    out: str | Path | None = None,
    trust: bool = False,
    sha256: str | None = None,
    from_config: bool = False,
    quiet: bool = False,
    until: Callable[[Job, Inputs], Plan | None] | None = None,
) -> Run:
    """Run one audit and return its tables.

    Args:
        name: Name of the audit, as ``robustness``.
        dataset: A manifest, a data path, or an opened dataset.
        model: ``ADAPTER:WHERE``, or any object with ``modalities`` and ``scores``.
        options: The audit's own ``Options``.
        out: The run directory; a temporary one where there is none.
        trust: Whether a model file that can run code may be opened.
        sha256: Digest that the model file must have.
        from_config: Whether the model was named by a file rather than by the person.
        quiet: Whether to say nothing on stderr.
        until: Makes the plan of what is asked by stages; else it is the job's own.

    Raises:
        IncompleteError: More samples could not be read than ``max_skipped`` allows.
    """
    started = time.monotonic()
    run = Run.temporary() if out is None else Run(Path(out))
    part = parts.load("audits", name)
    access = Access(device=options.device, trust=trust, sha256=sha256, from_config=from_config)
    chosen = select(dataset, options)
    inputs = Inputs(
        dataset=chosen.dataset,
        whole=chosen.whole,
        model=load_model(model, **asdict(access)) if model is not None else None,
        access=access if isinstance(model, str) else None,
    )
    job: Job = part.prepare(options, inputs)
    plan = until(job, inputs) if until else job.plan
    folder = run.path / name
    made = _provenance(name, options, inputs, job, plan)
    units = cut(len(inputs.dataset))
    begin(folder, _identity(made, len(units)), resume=options.resume)
    with progress(name, quiet=quiet) as report:
        if not quiet:
            _say((*chosen.says, *job.says))
        read = _answers(job, plan, units, folder / SAMPLES, made, options.workers, report)
    _finish(run.path, part, options, inputs, made, read, plan)
    told = {"wall_seconds": round(time.monotonic() - started, 3), "samples": len(inputs.dataset)}
    told |= {"workers": options.workers, "max_skipped": options.max_skipped}
    folders.note(run.path, name, told | {"says": [*chosen.says, *job.says]})
    check_complete(run.path, [name])
    return run


@dataclass(frozen=True, slots=True, kw_only=True)
class Selected:
    """The samples that options ask for.

    Attributes:
        dataset: The selected samples.
        whole: The dataset before the selection.
        says: What was inferred and chosen, for the person who waits.
    """

    dataset: Dataset
    whole: Dataset
    says: tuple[str, ...]


def select(dataset: str | Path | Dataset, options: Common) -> Selected:
    """Open a dataset and take the split and the limit that the options ask for.

    Raises:
        UsageError: The batches would be empty, there is no such split, or fewer than no samples
            may be skipped.
        InputError: No samples are left.
    """
    whole = dataset if isinstance(dataset, Dataset) else data.open(dataset)
    if options.batch_size < 1:
        raise UsageError("a forward pass takes one sample or more", fix="--batch-size 1 or more")
    if options.max_skipped < 0:
        raise UsageError("fewer than no samples cannot be skipped", fix="--max-skipped 0 or more")
    says = [whole.manifest.says] if whole.manifest.inferred else []
    split, why = _split(whole, options.split)
    selected = whole.select(split=split, limit=options.limit, seed=options.seed)
    if not len(selected):
        raise InputError("no samples are left to audit", fix="another --split or --limit")
    says.append(f"{len(selected)} samples of {whole.manifest.name} ({why})")
    return Selected(dataset=selected, whole=whole, says=tuple(says))


def _split(whole: Dataset, asked: str | None) -> tuple[str | None, str]:
    """Held-out data unless asked otherwise; never silently."""
    if asked == "all":
        return None, "all splits, as asked"
    if asked is not None:
        return asked, f"split {asked}, as asked"
    if "test" in whole.splits:
        return "test", "split test; --split all for every row"
    return None, "every row"


def _answers(
    job: Job,
    plan: Plan | None,
    units: Sequence[Unit],
    folder: Path,
    made: Provenance,
    workers: int,
    report: Report,
) -> "_Read | stages.Pieces":
    """Run the units, all of them or by stages, and give what reads them back."""
    if plan is not None:
        if not isinstance(job.work, Sweep):
            raise TypeError("only a sweep goes by stages")
        metadata, work = made.metadata(), job.work
        return stages.run(work, plan, folder, metadata=metadata, workers=workers, report=report)
    local.run(Marked(job.work, made.metadata()), units, folder, workers=workers, report=report)
    return _Read([folder / unit.file for unit in units])


def _provenance(
    name: str, options: Common, inputs: Inputs, job: Job, plan: Plan | None
) -> Provenance:
    model = inputs.model
    digests = dict(inputs.whole.digests)
    if model is not None:
        digests["model"] = model.info.digest
    told = identity(options) | dict(job.options) | dict(plan.identity if plan else {})
    if model is not None:
        told["model"] = model.info.spec
    return Provenance(
        audit=name,
        options=told,
        seed=options.seed,
        versions={"mmaudit": VERSION, **job.versions},
        digests=digests,
    )


def _identity(made: Provenance, units: int) -> Mapping[str, Any]:
    return {
        "audit": made.audit,
        "options": made.options,
        "seed": made.seed,
        "versions": made.versions,
        "digests": made.digests,
        "units": units,
    }


def _finish(
    run: Path,
    part: ModuleType,
    options: Common,
    inputs: Inputs,
    made: Provenance,
    read: "_Read | stages.Pieces",
    plan: Plan | None,
) -> None:
    """Summarise the units' files and write the tables that concern them all."""
    folder = run / made.audit
    outcome: Outcome = part.summarise(options, inputs, read)
    outcome = plan.finish(outcome) if plan else outcome
    told = Provenance(
        audit=made.audit,
        options=made.options,
        seed=made.seed,
        versions=made.versions,
        digests=made.digests,
        headline=outcome.headline,
        notes=outcome.notes,
    )
    _write_skipped(run / SKIPPED, [r for f in read.files for r in skipped(store.metadata(f))], told)
    for name, table in outcome.tables.items():
        store.write(table.replace_schema_metadata(told.metadata()), folder / f"{name}.parquet")
    for name, content in outcome.files.items():
        files.write_bytes(folder / name, content)
    store.write(to_table(outcome.rows, part.Row, told), folder / "summary.parquet")


def _write_skipped(path: Path, rows: list[SkippedRow], told: Provenance) -> None:
    """Add to what earlier audits of the same run could not read."""
    before = store.read(path).to_pylist() if path.exists() else []
    every = {*rows, *(SkippedRow(**row) for row in before)}
    store.write(to_table(every, SkippedRow, told), path)


class _Read:
    """Reads back the units' files, one at a time."""

    def __init__(self, files: Sequence[Path]) -> None:
        self.files = files

    def __call__(
        self, columns: Sequence[str] | None = None, group: int | None = None, first: int = 0
    ) -> Iterator[pa.Table]:
        wanted = None if columns is None else list(columns)
        for path in self.files[first:]:
            with store.part(path) as file:
                if not file.metadata.num_rows:
                    continue
                yield file.read(wanted) if group is None else file.read_row_group(group, wanted)


def _say(lines: Sequence[str]) -> None:
    for line in lines:
        sys.stderr.write(f"{line}\n")
