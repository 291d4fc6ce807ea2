"""Judge a run: find the rows that each check is about, and decide them.

Nothing that is absent passes: a table that is not there or has no rows, a row that no selector
finds, a number that is null or not a number, and a comparison that would not be fair are each
*missing*, with the reason.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from mmaudit.errors import InputError
from mmaudit.gate import drops
from mmaudit.gate.config import Check, Config
from mmaudit.gate.decide import Decision, Limit, at_level, decide, excess, mean, p_bad, worst
from mmaudit.gate.quantity import Quantity, label
from mmaudit.gate.verdict import Cell, Result, Status, Verdict
from mmaudit.tables import store

ORDER = {"fail": 0, "missing": 1, "inconclusive": 2, "pass": 3}


@dataclass(frozen=True, slots=True)
class Summary:
    """The summary of one audit, as rows.

    Attributes:
        path: Where it lies.
        columns: Names of its columns.
        rows: Its rows; empty if there is no such table.
        absent: Why there are no rows, if there are none.
    """

    path: Path
    columns: tuple[str, ...]
    rows: tuple[Mapping[str, Any], ...]
    absent: str = ""


def judge(
    run: str | Path, config: Config, *, strict: bool = False, today: date | None = None
) -> Verdict:
    """Decide every check of a gate on one run directory.

    Args:
        run: The run directory.
        config: The checks.
        strict: Count warnings and open questions as failures.
        today: The day that waivers are compared with; today in UTC by default.

    Raises:
        InputError: There is no such run directory, or a table in it is damaged.
        UsageError: A check selects by a column that its table does not have.
    """
    folder = Path(run)
    if not folder.is_dir():
        raise InputError("there is no such run directory", where=str(run), fix="check the path")
    day = today or date.today()  # noqa: DTZ011  a waiver is a date on a person's calendar
    summaries: dict[str, Summary] = {}
    results = []
    for check in config.checks:
        audit = check.selector.audit
        if audit not in summaries:
            summaries[audit] = summary(folder, audit)
        results.append(_result(check, _quantities(check, summaries[audit]), strict, day))
    return Verdict(str(run), config.path, "", strict, tuple(results))


def summary(run: Path, audit: str) -> Summary:
    """Read the summary of an audit; a table that is not there has no rows."""
    path = run / audit / "summary.parquet"
    if not path.exists():
        return Summary(path, (), (), f"the run has no {audit}/summary.parquet")
    table = store.read(path)
    if not {"metric", "estimate"} <= set(table.column_names):
        raise InputError(
            "a summary has the columns metric and estimate, and this has not",
            where=str(path),
            fix="run the audit again",
        )
    absent = "" if table.num_rows else f"{audit}/summary.parquet is empty"
    return Summary(path, tuple(table.column_names), tuple(table.to_pylist()), absent)


def _quantities(check: Check, told: Summary) -> list[Quantity]:
    """What a check tests: every selected row against every limit."""
    selector = check.selector
    if told.absent:
        return [_missing(check, kind, value, told.absent) for kind, value in check.limits]
    selector.check_columns(told.columns, str(told.path))
    rows = selector.rows(told.rows)
    if not rows:
        close = selector.metrics(told.rows)
        reason = "no row matches" + (f"; metrics like it: {', '.join(close)}" if close else "")
        return [_missing(check, kind, value, reason) for kind, value in check.limits]
    found = []
    for kind, value in check.limits:
        limit = Limit(kind, value)
        if kind in {"min", "max"}:
            some = [_plain(row, limit, told.columns) for row in rows]
        else:
            some = drops.from_clean(rows, told.rows, limit, told.columns)
        found += some or [_missing(check, kind, value, "only the clean row matches")]
    return found


def _missing(check: Check, kind: str, value: float, reason: str) -> Quantity:
    return Quantity("", check.selector.text, Limit(kind, value), None, reason)


def _plain(row: Mapping[str, Any], limit: Limit, columns: Sequence[str]) -> Quantity:
    told = Quantity(label(row, columns), row["metric"], limit, None)
    estimate = drops.estimate(row["estimate"])
    if estimate is None:
        return replace(told, reason="the number is null or not a number")
    return replace(told, estimate=estimate)


def _result(check: Check, quantities: list[Quantity], strict: bool, day: date) -> Result:  # noqa: FBT001
    cells = _decided(check, quantities)
    outcomes = {cell.outcome for cell in cells}
    outcome = next(o for o in ("fail", "missing", "inconclusive", "pass") if o in outcomes)
    waived = check.until is not None and day <= check.until
    level = check.level
    if check.until is not None:
        level = ("warn" if level == "error" else level) if waived else "error"
    bad = outcome == "fail" or (outcome == "missing" and check.missing == "fail")
    status: Status = "pass"
    if outcome != "pass":
        counts = level == "error" or (strict and level == "warn")
        status = "warn"
        if counts and (bad or (strict and outcome == "inconclusive")):
            status = "fail"
        elif counts and outcome == "inconclusive":
            status = "inconclusive"
    family = sum(cell.estimate is not None for cell in cells)
    until = check.until.isoformat() if waived and check.until else ""
    return Result(
        check.id, check.selector.text, level, until, check.aggregate, family, outcome, status, cells
    )


def _decided(check: Check, quantities: list[Quantity]) -> tuple[Cell, ...]:
    if check.aggregate != "each":
        quantities = _joined(check, quantities)
    pairs = [(q.estimate, q.limit) for q in quantities if q.estimate is not None]
    decisions = iter(
        decide(
            pairs,
            fail_when=check.fail_when,
            level=check.confidence,
            power=check.power,
            min_n=check.min_n,
        )
    )
    cells = []
    for q in quantities:
        made = Decision("missing") if q.estimate is None else next(decisions)
        shown = q.estimate and at_level(q.estimate, check.confidence)
        order = (ORDER[made.outcome], *_badness(q))
        cell = Cell(
            q.label, q.name, q.limit.kind, q.limit.value, shown, made.outcome, made.needed, q.reason
        )
        cells.append((order, cell))
    return tuple(cell for _, cell in sorted(cells, key=lambda pair: pair[0]))


def _badness(q: Quantity) -> tuple[float, float]:
    if q.estimate is None:
        return 0.0, 0.0
    return p_bad(q.estimate, q.limit), -excess(q.estimate, q.limit)


def _joined(check: Check, quantities: list[Quantity]) -> list[Quantity]:
    """One quantity for each limit; a missing member makes the whole missing."""
    joined = []
    for kind, value in check.limits:
        members = [q for q in quantities if q.limit.kind == kind]
        gone = [q for q in members if q.estimate is None]
        limit = Limit(kind, value)
        name = f"{check.aggregate} of {len(members)}: {members[0].name}"
        if gone:
            reason = f"{len(gone)} of {len(members)} missing, {gone[0].label}: {gone[0].reason}"
            joined.append(Quantity("", name, limit, None, reason.replace(", :", ":")))
            continue
        estimates = [q.estimate for q in members if q.estimate is not None]
        if check.aggregate == "mean":
            joined.append(Quantity("", name, limit, mean(estimates)))
        else:
            first = max(members, key=lambda q: excess(q.estimate, limit) if q.estimate else 0.0)
            joined.append(Quantity(first.label, name, limit, worst(estimates, limit.sign)))
    return joined
