"""Conditions that did nothing: a number under them says nothing of the model, so it cannot pass.

A sweep says of each condition how many samples it changed. Where it changed none, or fewer than a
check's ``min_n``, what the check asks was not tested, whatever the interval says. A check that
means such a condition by a pattern alone, in a sweep that chose it by one too, passes it over.
"""

from collections.abc import Mapping, Sequence

from mmaudit.gate.select import Selector
from mmaudit.names import CLEAN, outright
from mmaudit.tables.run import Row, Summary, estimate

RATE = "touched_rate"  # of the summary: the share of samples that a condition changed
NAMES = ("corruption", "condition")  # columns by which a check can name what was done
ASKED = "corruptions"  # option of a sweep: what was asked for, as names or patterns
Place = tuple[str, str]  # a condition and a part of the samples


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


def passed_over(selector: Selector, summary: Summary) -> dict[Place, int]:
    """What a check meets by a pattern alone and changed nothing, with the number of samples.

    Args:
        selector: Which rows the check is about.
        summary: The summary that they are of.
    """
    names = {wanted for column, wanted in selector.filters if column in NAMES}
    return {
        (row["condition"], row["slice"]): n
        for row, n in _idle(selector, summary)
        if not names & {row["condition"], row["corruption"]} and not _named(summary, row)
    }


def without(rows: Sequence[Row], places: Mapping[Place, int]) -> list[Row]:
    """The rows that are not passed over; what a condition did itself never is."""
    return [
        row
        for row in rows
        if row["metric"] == RATE or (row.get("condition"), row["slice"]) not in places
    ]


def nothing_else(selector: Selector, summary: Summary) -> str:
    """Why no row is left of a check, where all that it meets changed nothing; empty else."""
    idle = [(row["condition"], n) for row, n in _idle(selector, summary)]
    if not idle:
        return ""
    name, n = idle[0]
    more = f" and {len(idle) - 1} more" if len(idle) > 1 else ""
    return f"not tested: {name}{more} changed none of {n:,} samples"


def _idle(selector: Selector, summary: Summary) -> list[tuple[Row, int]]:
    """The conditions that a check's filters meet and that changed nothing, with their samples.

    None where no row has the check's metric: then it is that which is wrong.
    """
    if not selector.names(summary):
        return []
    rates = [(row, estimate(row["estimate"])) for row in summary.of(RATE) if selector.fits(row)]
    return [(row, e.n) for row, e in rates if e is not None and e.n and not e.value]


def _named(summary: Summary, row: Row) -> bool:
    """Whether the sweep was asked for a corruption by its name, or that is not known."""
    patterns = summary.origin.options.get(ASKED) if summary.origin else None
    return patterns is None or outright(row["corruption"], patterns)


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
