"""What a run directory holds, read for a report: summaries, provenance, verdict."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

from mmaudit.errors import InputError
from mmaudit.names import ALL
from mmaudit.rows import PLAIN, Better, Estimate, Metric, View
from mmaudit.tables import log, store, verdict
from mmaudit.tables import run as runs
from mmaudit.tables.provenance import Provenance

NONE: Mapping[str, Sequence[View]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class SummaryRow:
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
class AuditData:
    """One audit of a run.

    Attributes:
        name: Its folder.
        origin: How its numbers were made.
        rows: Its summary.
        columns: Key columns of the summary.
        helps: What each column means.
        meanings: What its metrics mean, as far as the summary says.
        views: How it is shown; every number as a table where the summary does not say.
    """

    name: str
    origin: Provenance
    rows: tuple[SummaryRow, ...]
    columns: tuple[str, ...]
    helps: Mapping[str, str]
    meanings: Mapping[str, Metric] = field(default_factory=dict)
    views: tuple[View, ...] = (PLAIN,)

    def better(self, metric: str) -> Better:
        """Which direction of a metric is good, as far as the summary says."""
        return self.meanings.get(metric, runs.UNKNOWN).better

    def having(self, metric: str, slice: str = "all") -> list[SummaryRow]:
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
        option = self.origin.options.get(key)
        order = [str(v) for v in option] if isinstance(option, list | tuple) else []
        there = dict.fromkeys(str(row.get(key)) for row in self.having(metric))
        return tuple(sorted(there, key=lambda v: order.index(v) if v in order else len(order)))


@dataclass(frozen=True, slots=True)
class RunData:
    """A run directory, read.

    Attributes:
        path: Where it lies.
        audits: Its audits by name.
        skipped: Samples that could not be read: id, modality, reason.
        verdict: ``verdict.json``, if a gate has judged the run.
        log: ``run.json``: when it was run, wall times and what the commands said.
        refusal: Why the last gate gave no answer, where it gave none.
        installed: How the audits are shown that could have been run, by their names.
    """

    path: Path
    audits: Mapping[str, AuditData]
    skipped: tuple[tuple[str, str, str], ...] = ()
    verdict: Mapping[str, Any] | None = None
    log: Mapping[str, Any] = field(default_factory=dict)
    refusal: str = ""
    installed: Mapping[str, Sequence[View]] = field(default_factory=dict)

    def samples(self, audit: str) -> Path:
        """The folder of an audit's answers of each sample."""
        return self.path / audit / log.SAMPLES


def further(run: RunData, audit: AuditData, name: str) -> dict[str, list[Any]]:
    """The columns of a further table of an audit; none where it has no such table."""
    path = run.path / audit.name / f"{name}.parquet"
    return store.read(path).to_pydict() if path.exists() else {}


def read(path: str | Path, installed: Mapping[str, Sequence[View]] = NONE) -> RunData:
    """Read a run directory.

    Args:
        path: The directory.
        installed: What each installed audit says of how it is shown: what was not audited is
            advised from it.

    Raises:
        InputError: There is no such directory, it holds no audit, or a file in it is damaged.
        IncompleteError: No audit of it has finished.
    """
    folder, names = Path(path), runs.finished(path)
    return RunData(
        folder,
        {name: _audit(folder, name) for name in names},
        _skipped(folder / log.SKIPPED),
        verdict.read(folder),
        log.read(folder),
        installed=installed,
    )


def _audit(folder: Path, name: str) -> AuditData:
    summary = runs.read(folder, name)
    if summary.origin is None:
        raise InputError(
            "the summary does not say how it was made",
            where=str(summary.path),
            fix="run the audit again",
        )
    keys = tuple(c for c in summary.columns if c not in {"metric", "estimate", "slice"})
    places = range(len(summary.data["metric"]))
    rows = ({c: summary.data[c][place] for c in summary.columns} for place in places)
    return AuditData(
        name=name,
        origin=summary.origin,
        rows=tuple(
            SummaryRow(
                {k: row[k] for k in keys if row[k] is not None},
                row["slice"] or ALL,
                row["metric"],
                runs.estimate(row["estimate"]),
            )
            for row in rows
        ),
        columns=keys,
        helps=summary.helps,
        meanings=summary.meanings,
        views=summary.views or (PLAIN,),
    )


def _drawn(e: Estimate) -> Estimate:
    low, high = (end if math.isfinite(end) else e.value for end in (e.low, e.high))
    return Estimate(e.value, low, high, e.n)


def _skipped(path: Path) -> tuple[tuple[str, str, str], ...]:
    if not path.exists():
        return ()
    table = store.read(path)
    if not {"id", "modality", "reason"} <= set(table.column_names):
        raise store.damaged(path)
    rows = table.to_pylist()
    return tuple((str(r["id"]), str(r["modality"]), str(r["reason"])) for r in rows)
