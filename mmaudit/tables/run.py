"""A run directory, read: its audits, and their summaries."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mmaudit import files
from mmaudit.errors import IncompleteError, InputError
from mmaudit.names import ALL, CLEAN
from mmaudit.rows import Better, Estimate, Metric, View, worsening
from mmaudit.tables import log, meanings, shards, store
from mmaudit.tables.log import PLAN, SAMPLES
from mmaudit.tables.provenance import AGAIN, Provenance, provenance

SUMMARY = "summary.parquet"
SLACK = 1e-9  # of sums and roundings
UNKNOWN = Metric("")  # a metric of which the table does not say what it means
Row = Mapping[str, Any]


@dataclass(slots=True)
class Summary:
    """The summary of one audit; rows are made when they are asked for, once.

    Attributes:
        run: The run directory.
        audit: Name of the audit.
        columns: Names of its columns.
        data: Its columns, an estimate as its four numbers; empty if there is no such table.
        origin: How it was made; None if there is no such table.
        meanings: What its metrics mean, as far as the table says.
        helps: What each column means.
        views: How a report shows it, as far as the table says.
        absent: Why there are no rows, if there are none.
    """

    run: Path
    audit: str
    columns: tuple[str, ...] = ()
    data: Mapping[str, Sequence[Any]] = field(default_factory=dict)
    origin: Provenance | None = None
    meanings: Mapping[str, Metric] = field(default_factory=dict)
    helps: Mapping[str, str] = field(default_factory=dict)
    views: tuple[View, ...] = ()
    absent: str = ""
    _places: dict[str, list[int]] = field(default_factory=dict)
    _rows: dict[str, tuple[Row, ...]] = field(default_factory=dict)
    _index: dict[str, dict[tuple[Any, ...], Row]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Note where each metric is."""
        for place, metric in enumerate(self.data.get("metric", ())):
            self._places.setdefault(metric, []).append(place)

    @property
    def path(self) -> Path:
        """Where the table lies."""
        return self.run / self.audit / SUMMARY

    @property
    def samples(self) -> Path:
        """The folder of the answers of each sample."""
        return self.run / self.audit / SAMPLES

    @property
    def metrics(self) -> tuple[str, ...]:
        """The metrics that it has numbers of."""
        return tuple(self._places)

    @property
    def rows(self) -> list[Row]:
        """All rows, metric by metric."""
        return [row for metric in self._places for row in self.of(metric)]

    @property
    def main(self) -> str:
        """The metric that curves are made of; else the first that has a direction, or the first."""
        names = list(self.meanings) or list(self.metrics)
        there = [name for name in names if name in self._places] or list(self.metrics)
        curved = [name for name in there if f"{name}_area_under_curve" in self._places]
        directed = [name for name in there if self.better(name) != "neither"]
        return next(iter((*curved, *directed, *there)), "")

    def better(self, metric: str) -> Better:
        """Which direction of a metric is good, as far as the table says."""
        return self.meanings.get(metric, UNKNOWN).better

    def worsening(self, metric: str) -> str | None:
        """The metric that says how much worse than clean a metric is; None without a direction."""
        return worsening(metric, self.better(metric))

    def of(self, metric: str) -> tuple[Row, ...]:
        """The rows of one metric, in the table's order."""
        if metric not in self._rows:
            places = self._places.get(metric, ())
            self._rows[metric] = tuple(
                {name: self.data[name][place] for name in self.columns} for place in places
            )
        return self._rows[metric]

    def find(self, row: Row) -> Row | None:
        """The row with the same keys, if there is one."""
        metric = row["metric"]
        if metric not in self._index:
            self._index[metric] = {self._key(r): r for r in self.of(metric)}
        return self._index[metric].get(self._key(row))

    def clean(self, metric: str, part: str) -> Row | None:
        """The row of a metric on clean data, if there is one."""
        at = (r for r in self.of(metric) if r["condition"] == CLEAN and r["slice"] == part)
        return next(at, None)

    def _key(self, row: Row) -> tuple[Any, ...]:
        return tuple(row.get(name) for name in self.columns if name != "estimate")


def folder(path: str | Path) -> Path:
    """A run directory that is there.

    Raises:
        InputError: There is no such directory.
    """
    if not Path(path).is_dir():
        raise InputError("there is no such run directory", where=str(path), fix="check the path")
    return Path(path)


def finished(run: str | Path, wanted: Iterable[str] = ()) -> tuple[str, ...]:
    """Names of the audits that have finished in a run directory, of which there is one at least.

    Every table of them is looked through: a run with a damaged table has no answer to anything.

    Args:
        run: The run directory.
        wanted: Audits that may not have stopped on the way.

    Raises:
        InputError: There is no such directory, nothing in it is of a run, or a table is damaged.
        IncompleteError: No audit has finished, or one that is wanted has begun and not finished, or
            one is a shard of a job.
    """
    path = folder(run)
    names = audits(path)
    begun = sorted({plan.parent.name for plan in path.glob(f"*/{PLAN}")} - set(names))
    shards.require_whole(path, begun)
    stopped = [name for name in begun if name in set(wanted) or not names]
    if stopped:
        raise IncompleteError(
            f"the audit {stopped[0]} has not finished in this run",
            where=str(path / stopped[0]),
            fix="the command that began it, with --resume",
        )
    if not names:
        raise InputError(
            "no such run directory: no audit has finished in it",
            where=str(path),
            fix="mmaudit robustness DATASET --model SPEC --out RUN, or another path",
        )
    log.check(path, names)
    return names


def audits(run: str | Path) -> tuple[str, ...]:
    """Names of the audits that have finished in a run directory."""
    return tuple(sorted(path.parent.name for path in Path(run).glob(f"*/{SUMMARY}")))


def read(run: Path, audit: str) -> Summary:
    """Read the summary of an audit; a table that is not there has no rows.

    Raises:
        InputError: The file is not a summary that mmaudit wrote.
    """
    path = run / audit / SUMMARY
    if not path.exists():
        return Summary(run, audit, absent=f"the run has no {audit}/{SUMMARY}")
    table = store.read(path)
    log.check_tables(run, audit)
    if not {"metric", "estimate"} <= set(table.column_names):
        raise InputError(
            "a summary has the columns metric and estimate, and this has not",
            where=str(path),
            fix="run the audit again",
        )
    says = meanings.meanings(table.schema.metadata)
    data = {name: table[name].to_pylist() for name in table.column_names}
    _check_estimates(data, says, path)
    data.setdefault("slice", [ALL] * table.num_rows)  # an audit that knows no parts
    return Summary(
        run,
        audit,
        columns=tuple(data),
        data=data,
        origin=provenance(table.schema.metadata),
        meanings=says,
        helps={f.name: (f.metadata or {}).get(b"help", b"").decode() for f in table.schema},
        views=meanings.views(table.schema.metadata),
        absent="" if table.num_rows else f"{audit}/{SUMMARY} is empty",
    )


def _check_estimates(
    data: Mapping[str, Sequence[Any]], says: Mapping[str, Metric], path: Path
) -> None:
    """Refuse numbers that cannot be: outside their own interval, or their metric's range."""
    for metric, cell in zip(data["metric"], data["estimate"], strict=True):
        number, range_ = estimate(cell), says.get(metric, UNKNOWN)
        if number is None:
            continue
        slack = SLACK * max(1.0, abs(number.value))
        ordered = number.low - slack <= number.value <= number.high + slack
        if not (ordered and number.n >= 0) or not (
            range_.low - slack <= number.value <= range_.high + slack
        ):
            raise InputError(
                f"{metric} cannot be {number} of n = {number.n}", where=str(path), fix=AGAIN
            )


def estimate(cell: Mapping[str, Any] | None) -> Estimate | None:
    """An estimate as a table holds it; None if any part of it is null or not a number."""
    if cell is None:
        return None
    parts = [cell[name] for name in ("value", "low", "high", "n")]
    if any(part is None or math.isnan(part) for part in parts):
        return None
    return Estimate(*parts)


def json_object(path: Path) -> Mapping[str, Any] | None:
    """A JSON object of a run directory; None if it is not there.

    Raises:
        InputError: The file is not a JSON object.
    """
    if not path.exists():
        return None
    return files.read_json(path, path.name, fix="run the command again")
