"""Families of which some rows may be past their limit: ``max_failing_rows = k``.

What is asked is about how many rows are past the limit in truth, not how many were seen to be. The
family *fails* when it is shown that more than k are, and *passes* when it is shown that at most k
are; both are tests of partial conjunctions, of which each row gives one p-value. With m rows, whose
p-values are sorted, the smallest first:

* at least k + 1 rows are past it: ``(m - k) p_(k+1)``, of p-values of "not past the limit";
* at least m - k rows are within it: ``(k + 1) q_(m-k)``, of p-values of "past the limit".

Either is below half of alpha with at most that probability where its claim is not true, however
the rows depend on each other. That m - k rows pass, each by itself, is not enough: with k + 1 bad
rows it takes one of them to pass by luck, so each row is asked at a (k + 1)-th of the level.

References:
    Benjamini and Heller 2008, "Screening for partial conjunction hypotheses",
    doi:10.1111/j.1541-0420.2007.00984.x
"""

from collections.abc import Sequence

from mmaudit.errors import UsageError
from mmaudit.gate.config import Check
from mmaudit.gate.decisions.decide import FINE, Decision, Outcome
from mmaudit.gate.limits import excess
from mmaudit.gate.numbers.interval import Interval
from mmaudit.gate.numbers.quantity import Quantity
from mmaudit.rows import Estimate

Measured = tuple[Quantity, Estimate]


def more_past(p_past: Sequence[float], allowed: int) -> float:
    """P-value of "at most ``allowed`` rows are past the limit".

    Args:
        p_past: Each row's p-value of "not past the limit", more than ``allowed`` of them.
        allowed: How many rows may be past it, 0 or more.
    """
    return min(1.0, (len(p_past) - allowed) * sorted(p_past)[allowed])


def enough_within(p_within: Sequence[float], allowed: int) -> float:
    """P-value of "more than ``allowed`` rows are past the limit".

    Args:
        p_within: Each row's p-value of "past the limit", more than ``allowed`` of them.
        allowed: How many rows may be past it, 0 or more.
    """
    return min(1.0, (allowed + 1) * sorted(p_within)[len(p_within) - allowed - 1])


def outcome(
    check: Check, rows: Sequence[tuple[Quantity, Decision]], *, settled: bool = False
) -> Outcome:
    """Decide a family of which some rows may be past the limit.

    A row that is missing is not one that may be past it: then the family is missing, unless the
    others fail it already.

    Args:
        check: The check; its ``max_failing_rows`` may be.
        rows: Each row, and what was decided about it alone.
        settled: Whether rows were decided one by one before all samples were asked. Their p-values
            are gone; that all pass, or that more than may be fail, still decides.

    Raises:
        UsageError: Every row may fail, so nothing is asked.
    """
    allowed = check.max_failing_rows
    if allowed >= len(rows):
        raise UsageError(
            f"max_failing_rows = {allowed} allows all {len(rows)} rows of {check.id!r} to fail",
            where=check.selector.text,
            fix=f"max_failing_rows = {len(rows) - 1} or fewer",
        )
    there = [(q, q.estimate) for q, _ in rows if q.estimate is not None]
    if settled:
        decided = _of_settled([decision.outcome for _, decision in rows], allowed)
    elif check.fail_when == "point":
        decided = _of_points(there, allowed, check.min_n)
    else:
        decided = _of_tests(there, allowed, check)
    if decided != "fail" and len(there) < len(rows):
        return "missing"
    straddles = decided == "inconclusive" and all(e.n >= check.min_n for _, e in there)
    if straddles and check.fail_when in {"possible", "proven"}:
        return "fail" if check.fail_when == "possible" else "pass"
    return decided


def _of_settled(outcomes: Sequence[Outcome], allowed: int) -> Outcome:
    if outcomes.count("fail") > allowed:
        return "fail"
    return "pass" if outcomes.count("pass") == len(outcomes) else "inconclusive"


def _of_points(rows: Sequence[Measured], allowed: int, min_n: int) -> Outcome:
    large = [excess(e, q.limit) > 0 for q, e in rows if e.n >= min_n]
    if sum(large) > allowed:
        return "fail"
    return "pass" if sum(large) + len(rows) - len(large) <= allowed else "inconclusive"


def _of_tests(rows: Sequence[Measured], allowed: int, check: Check) -> Outcome:
    if len(rows) <= allowed:
        return "inconclusive"
    tail = (1 - check.confidence) / 2
    sides = [_p_values(q, e) if e.n >= check.min_n else (1.0, 1.0) for q, e in rows]
    if more_past([past for past, _ in sides], allowed) < tail - FINE:
        return "fail"
    within = enough_within([within for _, within in sides], allowed)
    return "pass" if within <= tail + FINE else "inconclusive"


def _p_values(quantity: Quantity, estimate: Estimate) -> tuple[float, float]:
    """P-values of "not past the limit" and of "past the limit"."""
    test = quantity.grounds or Interval(estimate)
    return test.p_past(quantity.limit), test.p_within(quantity.limit)
