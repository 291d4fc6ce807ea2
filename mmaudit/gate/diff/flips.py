"""Samples whose answer differs between two runs, condition by condition."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from mmaudit.gate.numbers.baseline import incomparable
from mmaudit.names import ALL, CLEAN
from mmaudit.tables.answers import answers
from mmaudit.tables.run import Summary

MOST_IDS = 1_000  # ids of flipped samples that are kept for each condition


@dataclass(frozen=True, slots=True)
class Flips:
    """Samples whose answer differs between the runs under one condition.

    Attributes:
        condition: The condition.
        n: Samples that both runs have.
        changed: How many answers differ.
        lost: Ids that were right in the first run alone, at most `MOST_IDS`.
        won: Ids that are right in the second run alone, likewise.
        lost_count: How many were lost.
        won_count: How many were won.
    """

    condition: str
    n: int
    changed: int
    lost: tuple[str, ...]
    won: tuple[str, ...]
    lost_count: int
    won_count: int


def flips_between(a: Summary, b: Summary) -> Iterator[Flips]:
    """Answers of both runs, condition by condition, where they were made alike."""
    if "condition" not in b.columns:
        return
    rows = {row["condition"]: row for row in b.rows if row["slice"] == ALL}
    shared = {row["condition"] for row in a.rows} & rows.keys()
    for condition in sorted(shared, key=lambda c: (c != CLEAN, c)):
        if incomparable(b.origin, a.origin, rows[condition]):
            continue
        tables = [_predictions(s.samples, condition) for s in (a, b)]
        if all(table is not None for table in tables):
            yield _flipped(condition, *tables)


def _predictions(folder: Path, condition: str) -> Any:
    rows = answers(folder, condition)
    there = rows is not None and {"prediction", "correct"} <= set(rows.column_names)
    return rows if there else None


def _flipped(condition: str, a: Any, b: Any) -> Flips:
    at = pc.index_in(a["id"], pa.array(b["id"].combine_chunks()))
    a, at = a.filter(pc.is_valid(at)), pc.drop_null(at)
    b = b.take(at)
    changed = pc.sum(pc.not_equal(a["prediction"], b["prediction"])).as_py() or 0
    lost = a["id"].filter(pc.and_not(a["correct"], b["correct"])).to_pylist()
    won = a["id"].filter(pc.and_not(b["correct"], a["correct"])).to_pylist()
    return Flips(
        condition,
        a.num_rows,
        changed,
        tuple(lost[:MOST_IDS]),
        tuple(won[:MOST_IDS]),
        len(lost),
        len(won),
    )
