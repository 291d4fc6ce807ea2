"""``mmaudit run``: one file that says dataset, model, audits and checks, done in order."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from mmaudit import parts
from mmaudit.audits.base import Common
from mmaudit.errors import InputError, UsageError
from mmaudit.gate import config as gates
from mmaudit.gate.judge import judge
from mmaudit.gate.outputs import document
from mmaudit.gate.verdict import Verdict
from mmaudit.models.load import Loaded
from mmaudit.models.load import load as load_model
from mmaudit.report import run as reported
from mmaudit.report.formats import page
from mmaudit.runs import dry_run as dry
from mmaudit.runs.api import make_options
from mmaudit.runs.early import plan
from mmaudit.runs.early.cells import AUDIT
from mmaudit.runs.folder import Run
from mmaudit.runs.run import audit

SCHEMA = 1
REPORT = "report.html"
NAME_MODELS = ("checkpoint", "encoder")  # options of audits that name models, beside the model
PLAIN_KEYS = ("schema", "dataset", "model", "sha256", "defaults", "check")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
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
        report: The HTML report.
        verdict: The gate's answer; None where the config has no checks.
    """

    run: Run
    report: Path
    verdict: Verdict | None


def run_config(
    path: Path,
    out: Path,
    *,
    trust: bool = False,
    workers: int | None = None,
    resume: bool = False,
    until_decided: bool = False,
) -> Finished:
    """Do everything that a config asks for: audits, then the report, then the gate.

    Args:
        path: The ``audit.toml``.
        out: The run directory.
        trust: Whether a model file that can run code may be opened.
        workers: Units at a time, instead of what the config says.
        resume: Whether to go on from an interrupted run.
        until_decided: Whether a sweep stops asking where the checks are decided.

    Raises:
        UsageError: The config cannot mean anything, or there is no check to be decided.
    """
    asked = read(path)
    until = None
    if until_decided:
        if asked.gate is None:
            raise UsageError("there is no check to decide", where=str(path), fix="[[check]]")
        until = partial(plan.until_decided, asked.gate)
    for name, options in asked.audits.items():
        part = parts.load("audits", name)
        audit(
            name,
            asked.dataset,
            asked.model if part.NEEDS_MODEL else None,
            replace(
                options,
                resume=resume or options.resume,
                workers=workers or options.workers,
            ),
            out=out,
            trust=trust,
            sha256=asked.sha256,
            from_config=True,
            until=until,
        )
    verdict = judge(out, asked.gate) if asked.gate else None
    if verdict is not None:
        document.write(verdict, out / "verdict.json")
    report = page.write(reported.read(out), out / REPORT)
    return Finished(run=Run(out), report=report, verdict=verdict)


def dry_run(path: Path, *, trust: bool = False, until_decided: bool = False) -> list[str]:
    """What a config would ask and cost, in lines for people; nothing is written.

    Args:
        path: The ``audit.toml``.
        trust: Whether a model file that can run code may be opened.
        until_decided: Whether a sweep would stop where the checks are decided: then it asks at
            most what is told.
    """
    asked = read(path)
    told: list[str] = []
    loaded: dict[str, Loaded] = {}  # by device
    for name, options in asked.audits.items():
        device = options.device
        needed = parts.load("audits", name).NEEDS_MODEL and asked.model is not None
        if needed and device not in loaded:
            loaded[device] = load_model(
                asked.model, device=device, trust=trust, sha256=asked.sha256, from_config=True
            )
        model = loaded[device] if needed else None
        made = dry.rehearse(name, asked.dataset, model, options)
        told += dry.lines(replace(made, stages=made.stages or (until_decided and name == AUDIT)))
    checks = len(asked.gate.checks) if asked.gate else 0
    return [*told, f"checks: {checks}" if checks else "no checks", "nothing was written"]


def read(path: Path) -> Asked:
    """Read and check a config before anything is computed.

    Raises:
        UsageError: A key is unknown, a value has the wrong type, or nothing is asked for.
        InputError: There is no such file.
    """
    try:
        told = tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError as error:
        raise InputError(
            "there is no such config", where=str(path), fix="check the path"
        ) from error
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"not TOML: {error}", where=str(path), fix="mend that line") from error
    names = parts.names("audits")
    for key in told:
        if key not in {*PLAIN_KEYS, *names}:
            near = parts.close(key, (*PLAIN_KEYS, *names))
            raise UsageError(f"unknown key {key!r}", where=str(path), fix=near or ", ".join(names))
    if told.get("schema") != SCHEMA or "dataset" not in told:
        raise UsageError("not an audit config", where=str(path), fix="schema = 1 and dataset = …")
    audits = {name: _options(path, name, told[name]) for name in told if name in names}
    if not audits:
        raise UsageError("the config asks for no audit", where=str(path), fix="[robustness]")
    return Asked(
        dataset=_near(path, str(told["dataset"])),
        model=_model(path, told["model"]) if "model" in told else None,
        sha256=told.get("sha256"),
        audits=audits,
        gate=gates.read(path) if "check" in told else None,
    )


def _options(path: Path, name: str, told: Any) -> Common:
    if not isinstance(told, dict):
        raise UsageError(f"{name!r} is not a table", where=str(path), fix=f"[{name}]")
    near = {key: _models(path, told[key]) for key in NAME_MODELS if key in told}
    try:
        return make_options(parts.load("audits", name).Options, {**told, **near})
    except UsageError as error:
        raise UsageError(error.what, where=f"{path}: [{name}]", fix=error.fix) from error


def _near(path: Path, where: str) -> str:
    """A path as the config's folder sees it."""
    return where if Path(where).is_absolute() else str(path.parent / where)


def _models(path: Path, told: Any) -> Any:
    """One model or several as the config's folder sees them; what names none stays as it is."""
    if isinstance(told, list):
        return [_models(path, one) for one in told]
    return _model(path, told) if isinstance(told, str) and ":" in told else told


def _model(path: Path, spec: str) -> str:
    """``ADAPTER:WHERE`` with a file resolved against the config's folder."""
    adapter, _, where = spec.partition(":")
    file = re.split("[:,]", where, maxsplit=1)[0]
    if (path.parent / file).exists():
        return f"{adapter}:{_near(path, where)}"
    return spec
