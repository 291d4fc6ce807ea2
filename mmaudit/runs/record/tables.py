"""What an audit leaves when all units are there: its tables, and what the run says of it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from mmaudit import files
from mmaudit.audits.base import Outcome
from mmaudit.errors import IncompleteError, InputError
from mmaudit.gate.complete import check_complete
from mmaudit.rows import View
from mmaudit.runs.unit_files import UnitFiles
from mmaudit.samples.skipped import SkippedRow, skipped
from mmaudit.tables import log, store
from mmaudit.tables import run as runs
from mmaudit.tables.arrow import to_table
from mmaudit.tables.provenance import Provenance


def write(
    run: Path,
    outcome: Outcome,
    row: type,
    provenance: Provenance,
    answers: UnitFiles,
    views: Sequence[View],
) -> None:
    """Write the tables that concern all units."""
    folder = run / provenance.audit
    whole = replace(provenance, headline=outcome.headline, notes=outcome.notes)
    _write_skipped(run, answers.files, whole)
    for name, table in outcome.tables.items():
        store.write(table.replace_schema_metadata(whole.metadata()), folder / f"{name}.parquet")
    for name, content in outcome.files.items():
        files.write_bytes(folder / name, content)
    table = to_table(outcome.rows, row, whole, outcome.metrics, views)
    store.write(table, folder / "summary.parquet")


def _write_skipped(run: Path, units: Sequence[Path], provenance: Provenance) -> None:
    """Add to what earlier audits of the same run could not read.

    A table of that which is damaged is made again from the answers of all audits.

    Raises:
        InputError: It is damaged, and the answers of an audit are away.
    """
    path, rows, more = run / log.SKIPPED, set[SkippedRow](), list[Path]()
    if store.whole(path):
        rows = {SkippedRow(**row) for row in store.read(path).to_pylist()}
    elif path.exists():
        for audit in set(log.read(run).get("audits", {})) - {provenance.audit}:
            there = sorted((run / audit / log.SAMPLES).rglob("[0-9]*.parquet"))
            if not there:
                raise InputError(
                    f"{store.damaged(path).what}, and the answers of {audit} are not there to make "
                    "it again",
                    where=str(path),
                    fix=f"remove {run / audit} and this table, and run both audits again",
                )
            more += there
    rows |= {row for unit in (*units, *more) for row in skipped(store.metadata(unit))}
    store.write(to_table(rows, SkippedRow, provenance), path)


def close(run: Path, name: str, facts: Mapping[str, Any], outcome: Outcome) -> None:
    """Note what an audit did, and refuse that it is all of the answer where it is not."""
    log.note(run, name, facts)
    check_complete(run, [name])
    if outcome.untested:
        raise IncompleteError(
            f"not tested: {outcome.untested}",
            where=str(run / name / runs.SUMMARY),
            fix="a higher severity, or leave it out; all other numbers are there",
        )
