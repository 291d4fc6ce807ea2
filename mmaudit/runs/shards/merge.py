"""Merge: the parts of a job array or a build's matrix joined to the run that they are parts of.

The units are given a second name in the run, or are copied; the steps that concern all of them are
done once, as a run without shards does them, and end in the same bytes. Parts are only read.
"""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from mmaudit import locks
from mmaudit.audits.declaration import declaration
from mmaudit.engines.base import ROWS
from mmaudit.errors import UsageError
from mmaudit.models.access import PERSON
from mmaudit.options import make, naming_models
from mmaudit.runs.folder import Run
from mmaudit.runs.run import audit
from mmaudit.runs.shards.parts import JobParts, gather
from mmaudit.samples.dataset import Dataset

AS_SAID = "the parts do not say which {what}: it was an object in memory"


def merge(
    run: str | Path,
    parts: Sequence[str | Path],
    *,
    dataset: str | Path | Dataset | None = None,
    model: object | None = None,
    trust: bool = False,
    workers: int = 1,
    max_skipped: int | None = None,
    quiet: bool = False,
) -> Run:
    """Join the parts that ``--shard`` made of a job to the run that they are parts of.

    It can be done again, also after it was killed, and never changes a part.

    Args:
        run: The run directory to write.
        parts: The folders of all parts, in any order.
        dataset: The dataset, where it is not where the parts had it.
        model: The model, where it is not where the parts had it.
        trust: Open model files that can run code, which the parts name.
        workers: Units at a time.
        max_skipped: Samples that may be unreadable, instead of what the parts were asked.
        quiet: Say nothing on stderr.

    Returns:
        The run, with its tables.

    Raises:
        UsageError: The parts do not belong together, or what they are of is not what is here.
        InputError: A folder is no part, or a table of it is damaged.
        IncompleteError: A part is not there, or not finished.
    """
    folders, out = [Path(part) for part in parts], Path(run)
    _require_apart(out, folders)
    with _reading(folders):
        for job in gather(folders):
            how = {"trust": trust, "quiet": quiet}
            options: dict[str, Any] = {"workers": workers}
            options |= {} if max_skipped is None else {"max_skipped": max_skipped}
            _audit(job, out, dataset, model, options, **how)
    return Run(out)


def _audit(
    job: JobParts,
    out: Path,
    dataset: str | Path | Dataset | None,
    model: object | None,
    options: dict[str, Any],
    *,
    trust: bool,
    quiet: bool,
) -> None:
    """Join the parts of one audit."""
    asked_for, part = job.request, job.parts[0]
    kind = declaration(job.job).options
    where = str(part.home)
    values = make(kind, {**asked_for.options, **options}, where=where)
    data = asked_for.dataset if dataset is None else dataset
    if data is None:
        raise UsageError(AS_SAID.format(what="dataset"), where=where, fix="say it: dataset=…")
    loaded = asked_for.model if model is None else model
    if loaded is None and declaration(job.job).needs_model:
        raise UsageError(AS_SAID.format(what="model"), where=where, fix="say it: model=…")
    by_person = model is not None and not any(getattr(values, n) for n in naming_models(kind))
    audit(
        job.job,
        data,
        loaded if declaration(job.job).needs_model else None,
        values,
        out=out,
        named_by=PERSON if by_person else where,
        trust=trust,
        sha256=asked_for.sha256,
        quiet=quiet,
        unit_rows=asked_for.unit_rows or ROWS,
        parts_of=job,
    )


def _require_apart(out: Path, folders: Sequence[Path]) -> None:
    """Refuse to write into a part, and to join nothing."""
    if not folders:
        raise UsageError("there are no parts to merge", fix="mmaudit merge RUN PART-1 PART-2 …")
    if out.resolve() in {folder.resolve() for folder in folders}:
        raise UsageError(
            "this is one of the parts, and the run is written beside them",
            where=str(out),
            fix="mmaudit merge RUN PART …, with another RUN",
        )


@contextmanager
def _reading(folders: Sequence[Path]) -> Iterator[None]:
    """A time in which no command writes any of the parts."""
    with ExitStack() as stack:
        for folder in dict.fromkeys(folders):
            stack.enter_context(locks.reading(folder, "merge"))
        yield
