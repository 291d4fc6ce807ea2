"""The summary of one audit, as a gate reads it."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mmaudit.errors import InputError
from mmaudit.rows import Estimate
from mmaudit.tables import store
from mmaudit.tables.provenance import Provenance, provenance

CLEAN = "clean"
Row = Mapping[str, Any]


@dataclass(slots=True)
class Summary:
    """The summary of one audit; rows are made when they are asked for, once.

    Attributes:
        run: The run directory.
        audit: Name of the audit.
        columns: Names of its columns.
        data: Its columns, an estimate as its four numbers; empty if there is no such table.
        made: How it was made; None if there is no such table.
        absent: Why there are no rows, if there are none.
    """

    run: Path
    audit: str
    columns: tuple[str, ...] = ()
    data: Mapping[str, Sequence[Any]] = field(default_factory=dict)
    made: Provenance | None = None
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
        return self.run / self.audit / "summary.parquet"

    @property
    def metrics(self) -> tuple[str, ...]:
        """The metrics that it has numbers of."""
        return tuple(self._places)

    @property
    def rows(self) -> list[Row]:
        """All rows, metric by metric."""
        return [row for metric in self._places for row in self.of(metric)]

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


def read(run: Path, audit: str) -> Summary:
    """Read the summary of an audit; a table that is not there has no rows.

    Raises:
        InputError: The file is not a summary that mmaudit wrote.
    """
    path = run / audit / "summary.parquet"
    if not path.exists():
        return Summary(run, audit, absent=f"the run has no {audit}/summary.parquet")
    table = store.read(path)
    if not {"metric", "estimate"} <= set(table.column_names):
        raise InputError(
            "a summary has the columns metric and estimate, and this has not",
            where=str(path),
            fix="run the audit again",
        )
    data = {name: table[name].to_pylist() for name in table.column_names}
    data.setdefault("slice", ["all"] * table.num_rows)  # an audit that knows no parts
    absent = "" if table.num_rows else f"{audit}/summary.parquet is empty"
    return Summary(run, audit, tuple(data), data, provenance(table.schema.metadata), absent)


def estimate(told: Mapping[str, Any] | None) -> Estimate | None:
    """An estimate as a table holds it; None if any part of it is null or not a number."""
    if told is None:
        return None
    parts = [told[name] for name in ("value", "low", "high", "n")]
    if any(part is None or math.isnan(part) for part in parts):
        return None
    return Estimate(*parts)
