"""What a gate file says: checks and their defaults, read strictly.

A gate file is TOML with ``[defaults]`` and ``[[check]]``. An ``audit.toml`` may hold the same two
tables beside its own. An unknown key is refused with the close match, since a check that is
silently not applied would pass for ever.
"""

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Literal

from mmaudit import files
from mmaudit.errors import UsageError
from mmaudit.gate.select import Selector, parse
from mmaudit.options import unknown

FailWhen = Literal["point", "possible", "proven", "undecided"]
Level = Literal["error", "warn", "info"]
SCHEMA = 1
PERCENT = re.compile(r"\s*\d+(\.\d+)?%\s*")
LIMITS = ("min", "max", "max_drop", "max_drop_rel")
CHOICES: dict[str, tuple[str, ...]] = {
    "fail_when": ("point", "possible", "proven", "undecided"),
    "level": ("error", "warn", "info"),
    "missing": ("undecided", "fail", "warn"),
    "aggregate": ("each", "mean", "worst"),
    "against": ("clean", "baseline"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One condition that a run must meet.

    Attributes:
        id: Name of the check, unique in its file.
        selector: Which rows it is about.
        limits: Kind of limit (`LIMITS`) and its number; all of them must hold.
        against: What a drop is measured from: the clean condition of the run, or a baseline run.
        aggregate: Each row by itself, their mean, or the worst of them.
        fail_when: What an interval that straddles the limit means. ``point`` looks at the estimate
            alone, ``possible`` fails it, ``proven`` passes it, ``undecided`` leaves it without an
            answer.
        min_n: Fewest samples an answer may rest on.
        paired: Whether a comparison with a baseline is made sample by sample.
        level: What a failure means: ``error`` fails the gate, ``warn`` is shown, ``info`` is told.
        until: Last day on which a failure is only a warning.
        missing: What a row that is not there, or cannot be compared, means: no answer, a failure,
            or a warning.
        confidence: Level of the two-sided intervals.
        power: Power for which the needed number of samples is computed.
        max_failing_rows: How many rows may be past the limit.
    """

    id: str
    selector: Selector
    limits: tuple[tuple[str, float], ...]
    against: str = "clean"
    aggregate: str = "each"
    fail_when: FailWhen = "undecided"
    min_n: int = 1
    paired: bool = True
    level: Level = "error"
    until: date | None = None
    missing: str = "undecided"
    confidence: float = 0.95
    power: float = 0.8
    max_failing_rows: int = 0


@dataclass(frozen=True, slots=True)
class Config:
    """The checks of one gate file."""

    path: str
    checks: tuple[Check, ...]


def read(path: str | Path) -> Config:
    """Read a gate file, or the gate part of an ``audit.toml``.

    Raises:
        InputError: The file is not there.
        UsageError: It is not TOML, a key or a value in it means nothing, or it holds no check.
    """
    return build(files.read_toml(path, "gate file"), str(path))


def beside(run: str | Path) -> Path:
    """The gate file that lies in a run directory.

    Raises:
        UsageError: There is none.
    """
    for name in ("gate.toml", "audit.toml"):
        if (Path(run) / name).exists():
            return Path(run) / name
    raise UsageError(
        "no gate file was given, and the run holds none",
        where=str(run),
        fix="--config gate.toml",
    )


def build(keys: Mapping[str, Any], path: str) -> Config:
    """Check what a gate file says; `read` without the reading.

    Args:
        keys: The keys of the file and what each holds.
        path: The file, for the refusal.

    Raises:
        UsageError: A key or a value means nothing, or there is no check.
    """
    if "dataset" not in keys:  # an audit.toml has keys of its own
        _require(keys, ("schema", "defaults", "check"), path)
    if keys.get("schema", SCHEMA) != SCHEMA:
        raise UsageError(
            f"schema {keys['schema']!r} is not known", where=path, fix=f"schema = {SCHEMA}"
        )
    listed = keys.get("check", [])
    if not isinstance(listed, list) or not listed:
        raise UsageError(
            "no [[check]]: nothing was asked, so nothing can pass",
            where=path,
            fix="mmaudit gate RUN --suggest > gate.toml writes checks from a run",
        )
    defaults = dict(keys.get("defaults", {}))
    _require(defaults, tuple(DEFAULTABLE), f"{path}: [defaults]")
    checks = tuple(_check(defaults | one, i, path) for i, one in enumerate(listed, 1))
    names = [check.id for check in checks]
    for name in names:
        if names.count(name) > 1:
            raise UsageError(f"two checks are called {name!r}", where=path, fix="rename one")
    return Config(path, checks)


def _check(keys: Mapping[str, Any], number: int, path: str) -> Check:
    where = f"{path}: check {number}" + (f" ({keys['id']})" if "id" in keys else "")
    _require(keys, ("id", "metric", "slice", *LIMITS, *DEFAULTABLE), where)
    if not isinstance(keys.get("metric"), str):
        raise UsageError("a check needs a metric", where=where, fix='metric = "AUDIT.METRIC"')
    for key in ("id", "slice"):
        if key in keys and not (isinstance(keys[key], str) and keys[key]):
            raise UsageError(f"{key} is not a text", where=where, fix=f'{key} = "a name"')
    limits = tuple((key, _limit(key, keys[key], where)) for key in LIMITS if key in keys)
    both = dict(limits)
    if both.get("min", -math.inf) > both.get("max", math.inf):
        raise UsageError(
            f"min = {both['min']:g} is above max = {both['max']:g}, so nothing could pass",
            where=where,
            fix="min below max",
        )
    if not limits:
        raise UsageError("a check needs a limit", where=where, fix=", ".join(LIMITS))
    selector = parse(keys["metric"], slice=keys.get("slice"), where=where)
    rest: dict[str, Any] = {key: _value(key, keys[key], where) for key in DEFAULTABLE & keys.keys()}
    if rest.get("max_failing_rows") and (
        len(limits) > 1 or rest.get("aggregate", "each") != "each"
    ):
        raise UsageError(
            "max_failing_rows counts rows, each against one limit",
            where=where,
            fix='one limit, and aggregate = "each"',
        )
    name = keys.get("id") or selector.text + "".join(f" {key} {value:g}" for key, value in limits)
    return Check(id=name, selector=selector, limits=limits, **rest)


def _limit(key: str, value: object, where: str) -> float:
    number = float("nan")
    if isinstance(value, str) and key == "max_drop_rel" and PERCENT.fullmatch(value):
        number = float(value.strip().removesuffix("%")) / 100
    elif isinstance(value, int | float) and not isinstance(value, bool):
        number = float(value)
    if not math.isfinite(number):
        fix = 'max_drop_rel = "5%"' if key == "max_drop_rel" else f"{key} = 0.05"
        raise UsageError(f"{key} = {value!r} is not a limit", where=where, fix=fix)
    return number


def _value(key: str, value: object, where: str) -> object:
    ok, example = DEFAULTABLE_RULES[key]
    if key == "until" and isinstance(value, str):
        raise UsageError(
            f"until = {value!r} is a text, and not a date", where=where, fix=_unquoted(value)
        )
    if not ok(value):
        raise UsageError(f"{key} = {value!r} means nothing", where=where, fix=example)
    return value


def _unquoted(text: str) -> str:
    """A date as TOML writes it, without quotes."""
    try:
        return f"until = {date.fromisoformat(text.strip()).isoformat()}, without quotes"
    except ValueError:
        return "until = 2027-01-31, without quotes"


def _require(keys: Mapping[str, Any], names: tuple[str, ...], where: str) -> None:
    """Refuse a key that is none of the names."""
    for key in keys:
        if key not in names:
            raise unknown(f"unknown key {key!r}", key, names, where=where)


def _share(value: object) -> bool:
    return isinstance(value, float) and 0 < value < 1


def _one_of(key: str) -> tuple[Callable[[object], bool], str]:
    return lambda value: value in CHOICES[key], f"{key} = {' | '.join(CHOICES[key])}"


DEFAULTABLE_RULES: dict[str, tuple[Callable[[object], bool], str]] = {
    **{key: _one_of(key) for key in CHOICES},
    "min_n": (lambda v: isinstance(v, int) and not isinstance(v, bool) and v > 0, "min_n = 500"),
    "paired": (lambda v: isinstance(v, bool), "paired = true"),
    "max_failing_rows": (
        lambda v: isinstance(v, int) and not isinstance(v, bool) and v >= 0,
        "max_failing_rows = 1",
    ),
    "until": (lambda v: type(v) is date, "until = 2027-01-31"),
    "confidence": (_share, "confidence = 0.95"),
    "power": (_share, "power = 0.8"),
}
DEFAULTABLE = DEFAULTABLE_RULES.keys()
