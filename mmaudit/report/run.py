"""What a run directory holds, read for a report: summaries, provenance, verdict."""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from mmaudit.errors import InputError
from mmaudit.rows import Estimate
from mmaudit.tables import store
from mmaudit.tables.provenance import Provenance, provenance

VERDICT_SCHEMA = 1


@dataclass(frozen=True, slots=True)
class Row:
    """One number of a summary.

    Attributes:
        keys: The row's key columns and their values, without nulls.
        slice: Part of the samples; ``all`` for everything.
        metric: What was measured.
        estimate: The number; None where the table holds null or not a number.
    """

    keys: Mapping[str, Any]
    slice: str
    metric: str
    estimate: Estimate | None

    def get(self, key: str) -> Any:
        """A key's value, the empty text where there is none."""
        value = self.keys.get(key)
        return "" if value is None else value


@dataclass(frozen=True, slots=True)
class Audit:
    """One audit of a run.

    Attributes:
        name: Its folder.
        made: How its numbers were made.
        rows: Its summary.
        columns: Key columns of the summary.
        helps: What each column means.
    """

    name: str
    made: Provenance
    rows: tuple[Row, ...]
    columns: tuple[str, ...]
    helps: Mapping[str, str]

    def having(self, metric: str, slice: str = "all") -> list[Row]:
        """The rows of one metric on one slice that can be drawn.

        An interval with an open end, as of a single sample, is drawn without that end.
        """
        return [
            replace(r, estimate=_drawn(r.estimate))
            for r in self.rows
            if r.metric == metric
            and r.slice == slice
            and r.estimate is not None
            and math.isfinite(r.estimate.value)
        ]

    def in_order(self, key: str, metric: str) -> tuple[str, ...]:
        """The values that a key has in rows of a metric, in the order in which they were asked."""
        told = self.made.options.get(key)
        asked = [str(v) for v in told] if isinstance(told, list | tuple) else []
        there = dict.fromkeys(str(row.get(key)) for row in self.having(metric))
        return tuple(sorted(there, key=lambda v: asked.index(v) if v in asked else len(asked)))


@dataclass(frozen=True, slots=True)
class Run:
    """A run directory, read.

    Attributes:
        path: Where it lies.
        audits: Its audits by name.
        skipped: Samples that could not be read: id, modality, reason.
        verdict: ``verdict.json``, if a gate has judged the run.
        log: ``run.json``: wall times and what the commands said.
    """

    path: Path
    audits: Mapping[str, Audit]
    skipped: tuple[tuple[str, str, str], ...] = ()
    verdict: Mapping[str, Any] | None = None
    log: Mapping[str, Any] = field(default_factory=dict)


def read(path: str | Path) -> Run:
    """Read a run directory.

    Raises:
        InputError: There is no such directory, it holds no audit, or a file in it is damaged.
    """
    folder = Path(path)
    if not folder.is_dir():
        raise InputError("there is no such run directory", where=str(path), fix="check the path")
    found = sorted(folder.glob("*/summary.parquet"))
    if not found:
        raise InputError(
            "no audit has finished in this directory",
            where=str(path),
            fix="mmaudit robustness DATASET --model SPEC --out RUN",
        )
    audits = {p.parent.name: _audit(p) for p in found}
    return Run(
        folder,
        audits,
        _skipped(folder / "skipped.parquet"),
        _verdict(folder / "verdict.json"),
        _json(folder / "run.json") or {},
    )


def _audit(path: Path) -> Audit:
    table = store.read(path)
    made = provenance(table.schema.metadata)
    if made is None or not {"metric", "estimate"} <= set(table.column_names):
        raise InputError(
            "a summary has the columns metric and estimate, and this has not",
            where=str(path),
            fix="run the audit again",
        )
    keys = tuple(c for c in table.column_names if c not in {"metric", "estimate", "slice"})
    rows = tuple(
        Row(
            {k: row[k] for k in keys if row[k] is not None},
            row.get("slice") or "all",
            row["metric"],
            estimate(row["estimate"]),
        )
        for row in table.to_pylist()
    )
    helps = {f.name: (f.metadata or {}).get(b"help", b"").decode() for f in table.schema}
    return Audit(path.parent.name, made, rows, keys, helps)


def estimate(told: Mapping[str, Any] | None) -> Estimate | None:
    """An estimate as a table holds it; None if any part of it is null or not a number."""
    if told is None:
        return None
    parts = [told[name] for name in ("value", "low", "high", "n")]
    if any(part is None or math.isnan(part) for part in parts):
        return None
    return Estimate(*parts)


def _drawn(e: Estimate) -> Estimate:
    low, high = (end if math.isfinite(end) else e.value for end in (e.low, e.high))
    return Estimate(e.value, low, high, e.n)


def _skipped(path: Path) -> tuple[tuple[str, str, str], ...]:
    if not path.exists():
        return ()
    rows = store.read(path).to_pylist()
    return tuple((str(r["id"]), str(r["modality"]), str(r["reason"])) for r in rows)


def _verdict(path: Path) -> Mapping[str, Any] | None:
    told = _json(path)
    if told is not None and told.get("schema") != VERDICT_SCHEMA:
        raise InputError(
            "not a verdict that this version reads", where=str(path), fix="run mmaudit gate again"
        )
    return told


def _json(path: Path) -> Mapping[str, Any] | None:
    if not path.exists():
        return None
    try:
        told = json.loads(path.read_text("utf-8"))
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise InputError("not JSON", where=str(path), fix="run the command again") from error
    if not isinstance(told, dict):
        raise InputError("not a JSON object", where=str(path), fix="run the command again")
    return told
