"""``mmaudit run``: one file that says dataset, model, audits and checks, done in order."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from mmaudit import files, parts
from mmaudit.audits.declaration import Common
from mmaudit.errors import UsageError
from mmaudit.gate import config as gates
from mmaudit.gate.judge import judge
from mmaudit.gate.verdict import Verdict
from mmaudit.models.access import Access
from mmaudit.models.load import Loaded
from mmaudit.models.load import load as load_model
from mmaudit.options import make, naming_models, placed, unknown
from mmaudit.report import read as run_reader
from mmaudit.report.formats import page
from mmaudit.runs import dry_run as rehearsals
from mmaudit.runs.early import plan
from mmaudit.runs.early.cells import AUDIT
from mmaudit.runs.folder import Run
from mmaudit.runs.places.opened import writing
from mmaudit.runs.record import verdicts
from mmaudit.runs.run import Until, access_to, audit
from mmaudit.runs.shards.begin import BY_STAGES
from mmaudit.samples import dataset as data
from mmaudit.samples.origin import origins
from mmaudit.stores.urls import is_url
from mmaudit.tables.shards import SHARD

SCHEMA = 1
CONFIG = "audit.toml"  # of a run: what it was asked, word for word
TEXTS = ("dataset", "model", "sha256")
PLAIN_KEYS = ("schema", "dataset", "model", "sha256", "defaults", "check")


@dataclass(frozen=True, slots=True, kw_only=True)
class RunConfig:
    """What an ``audit.toml`` asks for.

    Attributes:
        dataset: The manifest or data path, resolved against the config's folder.
        model: ``ADAPTER:WHERE``, resolved likewise; None where no audit needs a model.
        sha256: Digest that the model file must have.
        audits: Options of each audit, in the file's order.
        gate: The checks; None where there are none.
    """

    dataset: str
    model: str | None
    sha256: str | None
    audits: Mapping[str, Common]
    gate: gates.Config | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished:
    """What ``mmaudit run`` leaves.

    Attributes:
        run: The run directory with its tables.
        report: The HTML report; None of a part, which has no answer yet.
        verdict: The gate's answer; None where the config has no checks, and of a part.
    """

    run: Run
    report: Path | None
    verdict: Verdict | None


def run_config(
    path: str | Path,
    out: str | Path,
    *,
    trust: bool = False,
    workers: int | None = None,
    resume: bool = False,
    shard: str | None = None,
    until_decided: bool = False,
) -> Finished:
    """Do everything that a config asks for: audits, then the gate, then the report.

    The run keeps the config, so that a gate on the run alone finds the checks. Paths in it are
    as seen from where it lay.

    Args:
        path: The ``audit.toml``.
        out: The run directory, or its address in a store.
        trust: Whether a model file that can run code may be opened.
        workers: Units at a time, instead of what the config says.
        resume: Whether to go on from an interrupted run.
        shard: Only a share of each audit's units, as ``1/4``; `merge` joins the parts, and gate and
            report come after it.
        until_decided: Whether a sweep stops asking where the checks are decided.

    Raises:
        UsageError: The config cannot mean anything, there is no check to be decided, or a shard
            would have to decide alone.
    """
    path = Path(path)
    config = read(path)
    until: Until | None = None
    if until_decided and shard is not None:
        raise UsageError(BY_STAGES, fix="--shard, or --until-decided")
    if until_decided:
        if config.gate is None:
            raise UsageError("there is no check to decide", where=str(path), fix="[[check]]")
        until = partial(plan.until_decided, config.gate)
    with writing(out, "run") as run:
        return _run(path, config, run, workers, until, shard, trust=trust, resume=resume)


def _run(
    path: Path,
    config: RunConfig,
    run: Run,
    workers: int | None,
    until: Until | None,
    shard: str | None,
    *,
    trust: bool,
    resume: bool,
) -> Finished:
    """What `run_config` does in a folder that is its own meanwhile."""
    out = run.path
    if path.resolve() != (out / CONFIG).resolve():
        files.write_bytes(out / CONFIG, path.read_bytes())
    for name, options in config.audits.items():
        needed = parts.load("audits", name).NEEDS_MODEL
        audit(
            name,
            config.dataset,
            config.model if needed else None,
            replace(
                options,
                resume=resume or options.resume,
                workers=workers or options.workers,
                shard=shard,
            ),
            out=out,
            named_by=str(path),
            trust=trust,
            sha256=config.sha256 if needed else None,
            until=until,
        )
    if shard is not None:
        return Finished(run=run, report=None, verdict=None)
    verdict = None
    try:
        if config.gate is not None:
            verdict = judge(out, config.gate)
            verdicts.keep(out, verdict)
    finally:
        report = page.write(run_reader.read(out), out / verdicts.PAGE)
    return Finished(run=run, report=report, verdict=verdict)


def dry_run(path: Path, *, trust: bool = False, until_decided: bool = False) -> list[str]:
    """What a config would ask and cost, in lines for people; nothing is written.

    Args:
        path: The ``audit.toml``.
        trust: Whether a model file that can run code may be opened.
        until_decided: Whether a sweep would stop where the checks are decided: then it asks at
            most what is said.
    """
    config = read(path)
    lines: list[str] = []
    models: dict[Access, Loaded] = {}
    dataset = data.open(config.dataset)
    for name, options in config.audits.items():
        access = replace(access_to(options, str(path), trust=trust), origins=origins(dataset))
        needed = parts.load("audits", name).NEEDS_MODEL and config.model is not None
        if needed and access not in models:
            pinned = replace(access, sha256=config.sha256)
            models[access] = load_model(config.model, pinned)
        model = models[access] if needed else None
        rehearsal = rehearsals.rehearse(name, dataset, model, options, access)
        stages = rehearsal.stages or (until_decided and name == AUDIT)
        lines += rehearsals.lines(replace(rehearsal, stages=stages))
    checks = len(config.gate.checks) if config.gate else 0
    return [*lines, f"checks: {checks}" if checks else "no checks", "nothing was written"]


def read(path: Path) -> RunConfig:
    """Read and check a config before anything is computed.

    Raises:
        UsageError: A key is unknown, a value has the wrong type, or nothing is asked for.
        InputError: There is no such file.
    """
    keys = files.read_toml(path, "config")
    names = parts.names("audits")
    for key in keys:
        if key not in {*PLAIN_KEYS, *names}:
            raise unknown(f"unknown key {key!r}", key, (*names, *PLAIN_KEYS), where=str(path))
    if keys.get("schema") != SCHEMA or "dataset" not in keys:
        raise UsageError("not an audit config", where=str(path), fix="schema = 1 and dataset = …")
    for key in TEXTS:
        if not isinstance(keys.get(key, ""), str):
            raise UsageError(
                f"{key} = {keys[key]!r} is not a text", where=str(path), fix=f'{key} = "…"'
            )
    audits = {name: _options(path, name, keys[name]) for name in keys if name in names}
    if not audits:
        raise UsageError("the config asks for no audit", where=str(path), fix="[robustness]")
    return RunConfig(
        dataset=_resolved(path, keys["dataset"]),
        model=placed(keys["model"], path.parent) if "model" in keys else None,
        sha256=keys.get("sha256"),
        audits=audits,
        gate=gates.read(path) if "check" in keys else None,
    )


def _options(path: Path, name: str, keys: Any) -> Common:
    if not isinstance(keys, dict):
        raise UsageError(f"{name!r} is not a table", where=str(path), fix=f"[{name}]")
    if SHARD in keys:
        raise UsageError(
            "a shard is of a job, and not of what it is asked",
            where=f"{path}: [{name}]",
            fix="mmaudit run AUDIT.toml --out PART --shard 1/4",
        )
    options: type[Common] = parts.load("audits", name).Options
    models = {key: _models(path, keys[key]) for key in naming_models(options) if key in keys}
    return make(options, {**keys, **models}, where=f"{path}: [{name}]")


def _resolved(path: Path, where: str) -> str:
    """A path as the config's folder sees it."""
    return where if is_url(where) or Path(where).is_absolute() else str(path.parent / where)


def _models(path: Path, value: Any) -> Any:
    """One model or several as the config's folder sees them; what names none stays as it is."""
    if isinstance(value, list):
        return [_models(path, one) for one in value]
    return placed(value, path.parent) if isinstance(value, str) and ":" in value else value
