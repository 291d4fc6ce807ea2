"""Conditions that did nothing: a number under them says nothing of the model, so it cannot pass.

A sweep says of each condition how many samples it changed. Where it changed none, or fewer than a
check's ``min_n``, what the check asks was not tested, whatever the interval says.
"""

from mmaudit.errors import IncompleteError
from mmaudit.names import ALL, CLEAN
from mmaudit.tables.run import Row, Summary, estimate

RATE = "touched_rate"  # of the summary: the share of samples that a condition changed


def reason(summary: Summary, row: Row, min_n: int) -> str:
    """Why a row does not test what it is about; empty where it does, or nothing is known.

    Args:
        summary: The summary that it is of.
        row: A row of it.
        min_n: Fewest samples that an answer may rest on.
    """
    condition = row.get("condition")
    if condition in {None, CLEAN}:
        return ""
    least = _least(summary, row)
    if least is None:
        return ""
    changed, n = least
    if not changed:
        return f"not tested: the condition changed none of {n:,} samples"
    if changed < min_n:
        return f"not tested: the condition changed {changed:,} of {n:,} samples"
    return ""


def _least(summary: Summary, row: Row) -> tuple[int, int] | None:
    """Samples that a condition changed, and all; of a curve, those that its best severity did."""
    alone = summary.find({**row, "metric": RATE})
    rows = [alone] if alone is not None else list(_severities(summary, row))
    rates = [e for one in rows if (e := estimate(one["estimate"])) is not None]
    if not rates:
        return None
    best = max(rates, key=lambda e: e.value)
    return round(best.value * best.n), best.n


def _severities(summary: Summary, row: Row) -> list[Row]:
    """The conditions that a row of a whole curve is about."""
    if row.get("severity") is not None:
        return []
    same = ("corruption", "modality", "slice")
    return [r for r in summary.of(RATE) if all(r.get(key) == row.get(key) for key in same)]


def check_touched(summary: Summary) -> None:
    """Refuse a sweep in which a step changed no sample at all.

    Raises:
        IncompleteError: One did not.
    """
    rows = [r for r in summary.of(RATE) if r["slice"] == ALL and r.get("severity") is not None]
    idle = [r["condition"] for r in rows if (e := estimate(r["estimate"])) and e.value == 0]
    if idle:
        more = f" and {len(idle) - 1} more conditions" if len(idle) > 1 else ""
        raise IncompleteError(
            f"{idle[0]}{more} changed no sample, so nothing was tested under it",
            where=str(summary.path),
            fix="a higher severity, or leave it out; all other numbers are there",
        )
