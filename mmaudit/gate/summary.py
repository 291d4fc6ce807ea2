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

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Summary:
    """The summary of one audit, as rows.

    Attributes:
        run: The run directory.
        audit: Name of the audit.
        columns: Names of its columns.
        rows: Its rows; empty if there is no such table.
        made: How it was made; None if there is no such table.
        absent: Why there are no rows, if there are none.
        index: Its rows by their keys.
    """

    run: Path
    audit: str
    columns: tuple[str, ...] = ()
    rows: tuple[Row, ...] = ()
    made: Provenance | None = None
    absent: str = ""
    index: Mapping[tuple[Any, ...], Row] = field(default_factory=dict)

    @property
    def path(self) -> Path:
        """Where the table lies."""
        return self.run / self.audit / "summary.parquet"

    def find(self, row: Row) -> Row | None:
        """The row with the same keys, if there is one."""
        return self.index.get(_key(row, self.columns))


def _key(row: Row, columns: Sequence[str]) -> tuple[Any, ...]:
    return tuple(row.get(name) for name in columns if name != "estimate")


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
    rows, columns = table.to_pylist(), tuple(table.column_names)
    if "slice" not in columns:  # an audit that knows no parts is about everything
        rows, columns = [row | {"slice": "all"} for row in rows], (*columns, "slice")
    return Summary(
        run,
        audit,
        columns,
        tuple(rows),
        provenance(table.schema.metadata),
        "" if rows else f"{audit}/summary.parquet is empty",
        {_key(row, columns): row for row in rows},
    )


def estimate(told: Mapping[str, Any] | None) -> Estimate | None:
    """An estimate as a table holds it; None if any part of it is null or not a number."""
    if told is None:
        return None
    parts = [told[name] for name in ("value", "low", "high", "n")]
    if any(part is None or math.isnan(part) for part in parts):
        return None
    return Estimate(*parts)
