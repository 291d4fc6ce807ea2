"""The verdict of a run that was stopped when it was decided: the tests' answers in the gate's form.

The gate judges a row by its interval, which does not allow for when the row was stopped. Where a
row was tested sample by sample, the test's decision stands instead.
"""

import math
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from mmaudit.gate.config import Check, Config
from mmaudit.gate.decide import STORED, Limit, Outcome, needed, z
from mmaudit.gate.judge import ORDER
from mmaudit.gate.quantity import label
from mmaudit.gate.verdict import Cell, Result, Status, Verdict
from mmaudit.measures.betting import EARLY
from mmaudit.runs.decided import TABLE
from mmaudit.runs.tested import AUDIT, KEYS
from mmaudit.tables import store

Told = Mapping[str, Any]  # a row of the table of decisions
Key = tuple[str, str, str, str, float]


def settle(verdict: Verdict, gate: Config, run: Path) -> Verdict:
    """Put the decisions of a run into its verdict.

    Args:
        verdict: What the gate says of the run's summary.
        gate: The checks.
        run: The run directory; without a table of decisions nothing changes.
    """
    path = run / AUDIT / f"{TABLE}.parquet"
    if not path.exists():
        return verdict
    told = {_key(row): row for row in store.read(path).to_pylist()}
    checks = {check.id: check for check in gate.checks}
    results = tuple(
        _result(checks[result.id], result, told, strict=verdict.strict)
        for result in verdict.results
    )
    return replace(verdict, results=results)


def _key(row: Told) -> Key:
    name = label({"condition": row["condition"], "slice": row["slice"]}, KEYS)
    return row["check"], name, row["quantity"], row["kind"], row["limit"]


def _result(check: Check, result: Result, told: Mapping[Key, Told], *, strict: bool) -> Result:
    keys = [(result.id, c.label, c.quantity, c.kind, c.limit) for c in result.cells]
    if not any(key in told for key in keys):
        return result
    cells = [
        _cell(check, cell, told[key], result.family) if key in told else cell
        for key, cell in zip(keys, result.cells, strict=True)
    ]
    cells.sort(key=lambda cell: ORDER[cell.outcome])
    outcome = cells[0].outcome
    counts = result.level == "error" or (strict and result.level == "warn" and not result.waived)
    bad = outcome == "fail" or (outcome == "missing" and check.missing == "fail")
    status: Status = "pass" if outcome == "pass" else "warn"
    if counts and (bad or (strict and outcome == "inconclusive")):
        status = "fail"
    elif counts and outcome == "inconclusive":
        status = "inconclusive"
    return replace(result, cells=tuple(cells), outcome=outcome, status=status, corrected=False)


def _cell(check: Check, cell: Cell, told: Told, family: int) -> Cell:
    """One row as its test decided it."""
    if cell.outcome == "missing":
        return cell
    if told["outcome"] != "inconclusive":
        when = f"after {told['used']:,} samples" if told["early"] else "when all were asked"
        return replace(cell, outcome=told["outcome"], needed=None, reason=f"decided {when}")
    reason = f"open after all {told['used']:,} samples"
    if check.fail_when == "point":
        return replace(cell, reason=reason)
    if check.fail_when != "undecided":
        outcome: Outcome = "fail" if check.fail_when == "possible" else "pass"
        return replace(cell, outcome=outcome, needed=None, reason=reason)
    more = cell.needed
    if cell.estimate is not None:
        level = 1 - (1 - EARLY) * (1 - check.confidence) / max(family, 1)
        limit = Limit(cell.kind, cell.limit)
        more = needed(cell.estimate, limit, level=level, power=check.power)
        if more is not None:  # the interval in the cell is at the check's own confidence
            more = max(math.ceil(more * (z(STORED) / z(check.confidence)) ** 2), told["used"] + 1)
    return replace(cell, outcome="inconclusive", needed=more, reason=reason)
