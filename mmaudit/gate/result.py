"""One check, from what it tests to what that means for the gate."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from mmaudit.gate.config import Check
from mmaudit.gate.decisions import allowing
from mmaudit.gate.decisions.decide import Decision, Outcome, decide
from mmaudit.gate.decisions.early import Settled
from mmaudit.gate.limits import STORED, excess
from mmaudit.gate.numbers.interval import ALONE, Interval
from mmaudit.gate.numbers.quantity import Grounds, Quantity
from mmaudit.gate.verdict import Cell, Result, Status
from mmaudit.rows import Estimate

ORDER: tuple[Outcome, ...] = ("fail", "missing", "inconclusive", "pass")
WARNED: tuple[Outcome, ...] = ("fail", "inconclusive", "missing", "pass")  # what is gone only warns
Decided = tuple[Decision, str]  # and what to know about it


def result(
    check: Check,
    quantities: Sequence[Quantity],
    settled: Settled,
    *,
    passed_over: int = 0,
    strict: bool,
    day: date,
) -> Result:
    """Decide a check.

    Args:
        check: The check.
        quantities: What it tests: every row against every limit, or what it joins them to.
        settled: What the run has decided already.
        passed_over: Conditions that it meets by a pattern alone, and that changed no sample.
        strict: Whether warnings and open questions count as failures.
        day: The day that waivers are compared with.
    """
    earlier = [settled.decide(check, q, len(quantities)) for q in quantities]
    decisions = _decided(check, quantities, earlier)
    pairs = sorted(zip(decisions, quantities, strict=True), key=lambda pair: _order(check, *pair))
    family = sum(q.estimate is not None for q in quantities)
    cells = tuple(_cell(check, q, one, family) for one, q in pairs)
    outcome = cells[0].outcome
    if check.max_failing_rows:
        rows = [(q, decision) for (decision, _), q in zip(decisions, quantities, strict=True)]
        outcome = allowing.outcome(check, rows, settled=any(earlier))
    level, waived = _level(check, day)
    return Result(
        id=check.id,
        metric=check.selector.text,
        level=level,
        waived=check.until.isoformat() if waived and check.until else "",
        aggregate=check.aggregate,
        family=family,
        corrected=family > 1 and check.fail_when != "point" and not any(earlier),
        outcome=outcome,
        status=_status(check, outcome, level, strict=strict and not waived),
        cells=cells,
        max_failing_rows=check.max_failing_rows,
        confidence=check.confidence,
        passed_over=passed_over,
    )


def _level(check: Check, day: date) -> tuple[str, bool]:
    """The level on a day, and whether a waiver is in force."""
    if check.until is None:
        return check.level, False
    if day > check.until:
        return "error", False
    return "warn" if check.level == "error" else check.level, True


def _status(check: Check, outcome: Outcome, level: str, *, strict: bool) -> Status:
    if outcome == "pass":
        return "pass"
    gone = check.missing if outcome == "missing" else ""
    open_ = outcome == "inconclusive" or gone == "undecided"
    if level == "error" or (strict and level == "warn"):
        if outcome == "fail" or gone == "fail" or (strict and open_):
            return "fail"
        if open_:
            return "inconclusive"
    return "warn"


def _decided(
    check: Check, quantities: Sequence[Quantity], earlier: Sequence[Decided | None]
) -> list[Decided]:
    """What was decided earlier, and for the rest what the intervals say."""
    rest = [q for q, one in zip(quantities, earlier, strict=True) if one is None]
    decisions = iter(
        decide(
            [(q.estimate, q.limit, q.grounds) for q in rest if q.estimate is not None],
            fail_when=check.fail_when,
            level=check.confidence,
            power=check.power,
            min_n=check.min_n,
        )
    )
    missing = Decision("missing")
    return [
        _tested(q, *(one or (missing if q.estimate is None else next(decisions), q.reason)))
        for q, one in zip(quantities, earlier, strict=True)
    ]


def _tested(q: Quantity, decision: Decision, reason: str) -> Decided:
    """A decision that something passes, only if it was tested."""
    nothing = q.estimate is None and not q.reason  # all that it asks changed no sample
    if not q.untested or not (nothing or decision.outcome in {"pass", "inconclusive"}):
        return decision, reason
    return replace(decision, outcome="inconclusive", needed=None), q.untested


def _cell(check: Check, q: Quantity, decided: Decided, family: int) -> Cell:
    decision, reason = decided
    careful = family > 1 or check.confidence != STORED
    if careful and q.estimate is not None and q.grounds is None and check.fail_when != "point":
        reason = f"{reason}; {ALONE}" if reason else ALONE
    return Cell(
        label=q.label,
        quantity=q.name,
        kind=q.limit.kind,
        limit=q.limit.value,
        estimate=q.estimate and _at_level(q.estimate, q.grounds, check.confidence),
        outcome=decision.outcome,
        needed=decision.needed,
        reason=reason,
        counts=_counts(q),
    )


def _at_level(estimate: Estimate, grounds: Grounds | None, level: float) -> Estimate:
    """The estimate with the interval that a check is decided by."""
    if level == STORED:
        return estimate
    low, high = (grounds or Interval(estimate)).ends(level)
    value = estimate.value
    return Estimate(value, min(low, value), max(high, value), estimate.n)


def _counts(q: Quantity) -> str:
    """What a number of samples counts: of which slice, and groups where there are groups."""
    counts = q.grounds.counts if q.grounds else "samples"
    return f"{counts} of {q.part}" if q.part else counts


def _order(check: Check, decided: Decided, q: Quantity) -> tuple[float, ...]:
    """The worst first."""
    first = (WARNED if check.missing == "warn" else ORDER).index(decided[0].outcome)
    if q.estimate is None:
        return first, 0.0, 0.0
    return first, decided[0].p_value, -excess(q.estimate, q.limit)
