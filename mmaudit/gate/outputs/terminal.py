"""A verdict as plain lines for a terminal or a log."""

from pathlib import Path

from mmaudit.gate.breaking import breaking_points
from mmaudit.gate.config import Config
from mmaudit.gate.verdict import Result, Verdict, printable, tells

MARKS = {"pass": "pass", "fail": "FAIL", "warn": "warn", "inconclusive": "open"}
MOST_CELLS = 5


def lines(verdict: Verdict) -> list[str]:
    """One line a check, its open and failed rows under it, what to know, and the verdict."""
    results = [line for result in verdict.results for line in _check(result)]
    notes = [f"note  {note}" for note in verdict.notes]
    last = f"{verdict.outcome.upper()}: {verdict.headline}"
    return [printable(line) for line in (*results, *notes, last)]


def _check(result: Result) -> list[str]:
    notes = [f"level {result.level}"] if result.level != "error" else []
    notes += [f"waived until {result.waived}"] if result.waived else []
    if result.family > 1:
        notes.append(f"{result.family} rows{', Holm-corrected' if result.corrected else ''}")
    if result.max_failing_rows:
        side = (1 - result.confidence) / 2
        notes.append(f"at most {result.max_failing_rows} past the limit, at {100 * side:.3g} %")
    notes += [result.aside] if result.aside else []
    head = f"{MARKS[result.status]}  {result.id}" + (f"  ({'; '.join(notes)})" if notes else "")
    shown = [cell for cell in result.cells if cell.outcome != "pass"] or list(result.cells[:1])
    text = [head]
    text += [
        "      " + ": ".join(part for part in (cell.label, tells(cell)) if part)
        for cell in shown[:MOST_CELLS]
    ]
    if (more := len(shown) - MOST_CELLS) > 0:
        text.append(f"      and {more} more row{'s'[: more > 1]}")
    return text


def breaking_lines(run: Path, config: Config) -> list[str]:
    """Where each limit breaks, the earliest first; one line says so if no check has severities."""
    points = [f"breaks  {b.check}: {b.series}: {b}" for b in breaking_points(run, config)]
    return [printable(line) for line in points] or ["breaks  no check is about severities"]
