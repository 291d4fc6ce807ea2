"""Judge a run: find the rows that each check is about, and decide them.

Nothing that is absent passes: a table that is not there or has no rows, a row that no selector
finds, a number that is null or not a number, and a comparison that would not be fair are each
*missing*, with the reason.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mmaudit.errors import InputError, UsageError
from mmaudit.gate import drops, summary
from mmaudit.gate.config import Check, Config
from mmaudit.gate.decide import Decision, Limit, at_level, decide, excess, mean, p_bad, worst
from mmaudit.gate.quantity import Quantity, label
from mmaudit.gate.summary import Summary
from mmaudit.gate.verdict import Cell, Result, Status, Verdict

if TYPE_CHECKING:
    from mmaudit.gate.baseline import Comparison

ORDER = {"fail": 0, "missing": 1, "inconclusive": 2, "pass": 3}


def judge(
    run: str | Path,
    config: Config,
    *,
    baseline: str | Path | None = None,
    strict: bool = False,
    today: date | None = None,
) -> Verdict:
    """Decide every check of a gate on one run directory.

    Args:
        run: The run directory.
        config: The checks.
        baseline: The run directory that checks with ``against = "baseline"`` compare with.
        strict: Count warnings and open questions as failures.
        today: The day that waivers are compared with; today by default.

    Raises:
        InputError: There is no such run directory, or a table in it is damaged.
        UsageError: A check selects by a column that its table does not have, or there is a
            baseline and no check that asks for it, or the other way round.
    """
    for path in (run, baseline):
        if path is not None and not Path(path).is_dir():
            fix = "check the path"
            raise InputError("there is no such run directory", where=str(path), fix=fix)
    _check_baseline(config, baseline)
    day = today or date.today()  # noqa: DTZ011  a waiver is a date on a person's calendar
    reading = _Reading(Path(run), Path(baseline) if baseline is not None else None)
    results = [_result(check, _quantities(check, reading), strict, day) for check in config.checks]
    return Verdict(str(run), config.path, str(baseline or ""), strict, tuple(results))


@dataclass(slots=True)
class _Reading:
    """Reads each summary once, and each comparison's answers once."""

    run: Path
    base: Path | None
    told: dict[str, Summary] = field(default_factory=dict)
    compared: dict[tuple[str, bool], "Comparison"] = field(default_factory=dict)

    def summary(self, audit: str) -> Summary:
        if audit not in self.told:
            self.told[audit] = summary.read(self.run, audit)
        return self.told[audit]

    def comparison(self, audit: str, *, pairs: bool) -> "Comparison":
        from mmaudit.gate.baseline import Comparison  # noqa: PLC0415  only where there is a baseline

        if (audit, pairs) not in self.compared:
            base = summary.read(self.base, audit) if self.base else Summary(Path(), audit)
            self.compared[audit, pairs] = Comparison(self.summary(audit), base, pairs)
        return self.compared[audit, pairs]


def _check_baseline(config: Config, baseline: str | Path | None) -> None:
    asking = [check.id for check in config.checks if check.against == "baseline"]
    if asking and baseline is None:
        raise UsageError(
            f"the check {asking[0]!r} compares with a baseline, and none was given",
            where=config.path,
            fix="--baseline RUN",
        )
    if baseline is not None and not asking:
        raise UsageError(
            "a baseline was given, and no check compares with it",
            where=config.path,
            fix='against = "baseline" in a check with max_drop',
        )


def _quantities(check: Check, reading: _Reading) -> list[Quantity]:
    """What a check tests: every selected row against every limit."""
    selector, told = check.selector, reading.summary(check.selector.audit)
    if told.absent:
        return [_missing(check, kind, value, told.absent) for kind, value in check.limits]
    selector.check_columns(told.columns, str(told.path))
    rows = selector.rows(told)
    if not rows:
        close = selector.close(told)
        reason = "no row matches" + (f"; metrics like it: {', '.join(close)}" if close else "")
        return [_missing(check, kind, value, reason) for kind, value in check.limits]
    found = []
    for kind, value in check.limits:
        limit = Limit(kind, value)
        if kind in {"min", "max"}:
            some = [_plain(row, limit, told.columns) for row in rows]
        elif check.against == "baseline":
            some = reading.comparison(told.audit, pairs=check.paired).drops(rows, limit)
        else:
            some = drops.from_clean(rows, told, limit)
        found += some or [_missing(check, kind, value, "only the clean row matches")]
    return found


def _missing(check: Check, kind: str, value: float, reason: str) -> Quantity:
    return Quantity("", check.selector.text, Limit(kind, value), None, reason)


def _plain(row: Mapping[str, Any], limit: Limit, columns: Sequence[str]) -> Quantity:
    told = Quantity(label(row, columns), row["metric"], limit, None)
    estimate = summary.estimate(row["estimate"])
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
        counts = level == "error" or (strict and level == "warn" and not waived)
        status = "warn"
        if counts and (bad or (strict and outcome == "inconclusive")):
            status = "fail"
        elif counts and outcome == "inconclusive":
            status = "inconclusive"
    family = sum(cell.estimate is not None for cell in cells)
    until = check.until.isoformat() if waived and check.until else ""
    corrected = family > 1 and check.fail_when != "point"
    return Result(
        id=check.id,
        metric=check.selector.text,
        level=level,
        waived=until,
        aggregate=check.aggregate,
        family=family,
        corrected=corrected,
        outcome=outcome,
        status=status,
        cells=cells,
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
