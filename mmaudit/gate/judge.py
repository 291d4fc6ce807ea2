"""Judge a run: find the rows that each check is about, and decide them.

Nothing that is absent passes: a table that is not there or has no rows, a row that no selector
finds, a number that is null or not a number, and a comparison that would not be fair are each
*missing*, with the reason.
"""

from collections.abc import Mapping, Sequence, Sized
from dataclasses import dataclass, field, replace
from datetime import date
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mmaudit.errors import UsageError
from mmaudit.formats import number
from mmaudit.gate import result
from mmaudit.gate.complete import check_complete
from mmaudit.gate.config import Check, Config
from mmaudit.gate.decisions import early, unsure, untested
from mmaudit.gate.decisions.early import Settled
from mmaudit.gate.limits import Limit, reach
from mmaudit.gate.numbers import drops
from mmaudit.gate.numbers.aggregate import joined, no_mean
from mmaudit.gate.numbers.quantity import Quantity, label
from mmaudit.gate.numbers.rests import Rests
from mmaudit.gate.verdict import Verdict
from mmaudit.names import CLEAN
from mmaudit.tables import run as runs
from mmaudit.tables import seal
from mmaudit.tables.run import Summary

if TYPE_CHECKING:
    from mmaudit.gate.numbers.baseline import Comparison


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
        IncompleteError: A run has not finished, or lacks more samples than it may.
    """
    audits = {check.selector.audit for check in config.checks}
    runs.finished(run, audits)
    check_baseline(config, baseline)
    check_complete(Path(run), audits)
    day = today or date.today()  # noqa: DTZ011  a waiver is a date on a person's calendar
    reading = _Reading(Path(run), Path(baseline) if baseline is not None else None)
    results = [
        result.result(
            check,
            _quantities(check, reading),
            reading.settled(check.selector.audit),
            passed_over=len(_passed_over(check, reading)),
            strict=strict,
            day=day,
        )
        for check in config.checks
    ]
    read = {name: s.path for name, s in sorted(reading.summaries.items()) if not s.absent}
    digests = {name: seal.digest(path) for name, path in read.items()}
    return Verdict(str(run), config.path, str(baseline or ""), strict, tuple(results), digests)


@dataclass(slots=True)
class _Reading:
    """Reads each summary once, and each comparison's answers once."""

    run: Path
    base: Path | None
    summaries: dict[str, Summary] = field(default_factory=dict)
    compared: dict[tuple[str, bool], "Comparison"] = field(default_factory=dict)
    decided: dict[str, Settled] = field(default_factory=dict)
    resting: dict[str, Rests] = field(default_factory=dict)

    def summary(self, audit: str) -> Summary:
        if audit not in self.summaries:
            self.summaries[audit] = runs.read(self.run, audit)
        return self.summaries[audit]

    def settled(self, audit: str) -> Settled:
        if audit not in self.decided:
            self.decided[audit] = early.read(self.run, audit)
        return self.decided[audit]

    def rests(self, audit: str) -> Rests:
        if audit not in self.resting:
            self.resting[audit] = Rests(self.summary(audit))
        return self.resting[audit]

    def draw(self, summary: Summary, check: Check, members: Sequence[Quantity]) -> Any:
        """Draws of rows together, ``(row, replicate)``, or why there are none."""
        try:
            from mmaudit.gate.numbers.draws import Alone, Drawing  # noqa: PLC0415  NumPy, where it is there
        except ModuleNotFoundError as error:
            return f"{error.name} is not installed"
        if check.against == "baseline" and not check.paired:
            return "not paired, as asked"
        against = self.base if check.against == "baseline" else None
        try:
            base = runs.read(against, summary.audit) if against else None
            return Drawing(summary, base).draws(members)
        except Alone as why:
            return str(why)

    def comparison(self, audit: str, *, pairs: bool) -> "Comparison":
        from mmaudit.gate.numbers.baseline import Comparison  # noqa: PLC0415  only where there is a baseline

        if (audit, pairs) not in self.compared:
            base = runs.read(self.base, audit) if self.base else Summary(Path(), audit)
            stopped = early.read(self.base, audit).stopped if self.base else frozenset()
            self.compared[audit, pairs] = Comparison(self.summary(audit), base, pairs, stopped)
        return self.compared[audit, pairs]


def check_baseline(config: Config, baseline: str | Path | None) -> None:
    """Refuse a baseline that no check asks for or that cannot be read, and one that is lacking.

    Args:
        config: The checks.
        baseline: The baseline run, if there is one.

    Raises:
        UsageError: There is one and no check asks for it, or the other way round.
        InputError: There is no such run, or a table in it is damaged.
        IncompleteError: It has not finished, or lacks more samples than it may.
    """
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
    if baseline is not None:
        audits = {check.selector.audit for check in config.checks}
        runs.finished(baseline, audits)
        check_complete(Path(baseline), audits)
        for audit in sorted({c.selector.audit for c in config.checks if c.against == "baseline"}):
            runs.read(Path(baseline), audit)


def _quantities(check: Check, reading: _Reading) -> list[Quantity]:
    """What a check tests: every selected row against every limit."""
    selector, summary = check.selector, reading.summary(check.selector.audit)
    if summary.absent:
        return [_missing(check, kind, value, summary.absent) for kind, value in check.limits]
    selector.check_columns(summary.columns, str(summary.path))
    rows = untested.without(selector.rows(summary), untested.passed_over(selector, summary))
    if not rows:
        idle = untested.nothing_else(selector, summary)
        reason = "" if idle else selector.unmatched(summary)
        none = [_missing(check, kind, value, reason) for kind, value in check.limits]
        return [replace(quantity, untested=idle) for quantity in none]
    _check_limits(check, rows, summary)
    quantities, rests = [], reading.rests(summary.audit)
    for kind, value in check.limits:
        limit = Limit(kind, value)
        if kind in {"min", "max"}:
            some = [_plain(row, limit, summary.columns, rests) for row in rows]
        elif check.against == "baseline":
            some = reading.comparison(summary.audit, pairs=check.paired).drops(rows, limit)
        else:
            some = drops.from_clean(rows, summary, limit, rests)
        some = [unsure.opened(q, summary) for q in some]
        quantities += some or [_missing(check, kind, value, "only the clean row matches")]
    quantities = [replace(q, untested=_untested(check, q, summary)) for q in quantities]
    if check.aggregate == "each":
        return quantities
    whole = rests.mean_of if check.against == CLEAN else no_mean
    return joined(check, quantities, partial(reading.draw, summary, check), whole)


def _passed_over(check: Check, reading: _Reading) -> Sized:
    return untested.passed_over(check.selector, reading.summary(check.selector.audit))


def _check_limits(check: Check, rows: Sequence[Mapping[str, Any]], summary: Summary) -> None:
    """Refuse a limit that no value of a metric could be past, or could keep."""
    for metric in dict.fromkeys(row["metric"] for row in rows):
        meaning = summary.meanings.get(metric)
        if meaning is None:
            continue
        for kind, value in check.limits:
            low, high = reach(kind, meaning.bounds, meaning.better)
            if not low <= value <= high:
                raise UsageError(
                    f"{kind} = {value:g} is out of the range of {metric}, which is "
                    f"{number(low)} to {number(high)} for {kind}",
                    where=f"check {check.id!r}",
                    fix=f"{kind} between {number(low)} and {number(high)}",
                )


def _untested(check: Check, quantity: Quantity, summary: Summary) -> str:
    reasons = (untested.reason(summary, row, check.min_n) for row in quantity.rows)
    return next((reason for reason in reasons if reason), "")


def _missing(check: Check, kind: str, value: float, reason: str) -> Quantity:
    return Quantity("", check.selector.text, Limit(kind, value), None, reason)


def _plain(row: Mapping[str, Any], limit: Limit, columns: Sequence[str], rests: Rests) -> Quantity:
    quantity = Quantity(label(row, columns), row["metric"], limit, None, rows=(row,))
    estimate = runs.estimate(row["estimate"])
    if estimate is None:
        return replace(quantity, reason="the number is null or not a number")
    return replace(quantity, estimate=estimate, grounds=rests.of_row(row, estimate))
