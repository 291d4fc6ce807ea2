"""Merge: the parts of a job array or a build's matrix joined to the run that they are parts of.

The units are given a second name in the run, or are copied; the steps that concern all of them are
done once, as a run without shards does them, and end in the same bytes. Parts are only read.
"""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import fields
from pathlib import Path
from typing import Any

from mmaudit import files, locks
from mmaudit.audits.declaration import declaration
from mmaudit.engines.base import ROWS
from mmaudit.errors import UsageError
from mmaudit.injection.options import How, from_keys
from mmaudit.injection.run import CorruptedCopy
from mmaudit.models.access import PERSON, Access
from mmaudit.options import make, naming_models
from mmaudit.runs.config import CONFIG
from mmaudit.runs.corrupt import make_copy
from mmaudit.runs.folder import Run
from mmaudit.runs.places.opened import fetched, writing
from mmaudit.runs.run import audit
from mmaudit.runs.shards.parts import JobParts, gather
from mmaudit.runs.shards.request import CORRUPT
from mmaudit.samples.dataset import Dataset

AS_SAID = "the parts do not say which {what}: it was an object in memory"
UNASKED = "{job} has asked no model"


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
) -> Run | CorruptedCopy:
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
        The run, with its tables; of parts of a copy, the copy.

    Raises:
        UsageError: The parts do not belong together, or what they are of is not what is here.
        InputError: A folder is no part, or a table of it is damaged.
        IncompleteError: A part is not there, or not finished.
    """
    folders = [fetched(part, "merge") for part in parts]
    with writing(run, "merge") as whole:
        out = whole.path
        _require_apart(out, folders)
        with _reading(folders):
            jobs = gather(folders)
            options: dict[str, Any] = {"workers": workers}
            options |= {} if max_skipped is None else {"max_skipped": max_skipped}
            copies = [job for job in jobs if job.job == CORRUPT]
            if copies and len(jobs) > 1:
                raise UsageError(
                    "some are parts of a copy, and others of a run",
                    where=str(copies[0].parts[0].folder),
                    fix="mmaudit merge once for each",
                )
            how = {"trust": trust, "quiet": quiet}
            for job in copies:
                return _copy(job, out, dataset, model, options, **how)
            config = _config(folders)
            for job in _ordered(jobs, config):
                _audit(job, out, dataset, model, options, **how)
            if config is not None:  # a gate on the run alone finds the checks
                files.write_bytes(out / CONFIG, config.read_bytes())
        return whole


def _config(folders: Sequence[Path]) -> Path | None:
    """What `mmaudit run` was asked, where all parts say the same; None where they do not."""
    configs = [folder / CONFIG for folder in folders]
    if not all(config.is_file() for config in configs):
        return None
    return configs[0] if len({config.read_bytes() for config in configs}) == 1 else None


def _ordered(jobs: Sequence[JobParts], config: Path | None) -> Sequence[JobParts]:
    """Audits in the order in which they are asked for: the run's tables say which was the last."""
    names = [] if config is None else list(files.read_toml(config, "config"))
    return sorted(jobs, key=lambda job: names.index(job.job) if job.job in names else len(names))


def _copy(
    job: JobParts,
    out: Path,
    dataset: str | Path | Dataset | None,
    model: object | None,
    options: dict[str, Any],
    *,
    trust: bool,
    quiet: bool,
) -> CorruptedCopy:
    """Join the parts of a copy."""
    where = str(job.parts[0].home)
    values = {k: v for k, v in job.request.options.items() if k != "preview"} | options
    named_by = where
    if model is not None:
        if "encoder" not in values:
            raise UsageError(UNASKED.format(job="corrupt"), where=where, fix="leave the model out")
        values["encoder"], named_by = str(model), PERSON
    how = {f.name: values.pop(f.name) for f in fields(How) if f.name in values}
    does = make(How, how, where=where)
    return make_copy(
        _dataset(job, dataset),
        out,
        from_keys(values, where),
        does,
        Access(named_by=named_by, trust=trust, timeout=does.timeout),
        parts_of=job,
        quiet=quiet,
    )


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
    before, says, where = job.request, declaration(job.job), str(job.parts[0].home)
    values = make(says.options, {**before.options, **options}, where=where)
    if model is not None and not says.needs_model:
        raise UsageError(UNASKED.format(job=job.job), where=where, fix="leave the model out")
    loaded = before.model if model is None else model
    if loaded is None and says.needs_model:
        raise UsageError(AS_SAID.format(what="model"), where=where, fix="say it: model=…")
    others = any(getattr(values, name) for name in naming_models(says.options))
    audit(
        job.job,
        _dataset(job, dataset),
        loaded,
        values,
        out=out,
        named_by=where if model is None or others else PERSON,
        trust=trust,
        sha256=before.sha256,
        quiet=quiet,
        unit_rows=before.unit_rows or ROWS,
        parts_of=job,
    )


def _dataset(job: JobParts, dataset: str | Path | Dataset | None) -> str | Path | Dataset:
    """The dataset, as it is said now or was before."""
    before = job.request.dataset if dataset is None else dataset
    if before is None:
        where = str(job.parts[0].home)
        raise UsageError(AS_SAID.format(what="dataset"), where=where, fix="say it: dataset=…")
    return before


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
