"""A verdict as Markdown, for a pull request or a step summary."""

from collections.abc import Iterator

from mmaudit.formats import literal
from mmaudit.gate.verdict import Result, Verdict, printable, tells

MOST_BYTES = 900_000  # a step summary above 1 MiB is thrown away whole
MARKS = {"pass": "✅ pass", "fail": "❌ fail", "warn": "⚠️ warn", "inconclusive": "❔ undecided"}
ORDER = ("fail", "inconclusive", "warn", "pass")


def markdown(verdict: Verdict, most: int = MOST_BYTES) -> str:
    """The verdict with one row a check, the failed first, in at most ``most`` bytes."""
    head = f"## mmaudit gate: {verdict.outcome}\n\n{escape(verdict.headline)}\n\n"
    head += "".join(f"{escape(note)}\n\n" for note in verdict.notes)
    head += "| | check | worst row | measured |\n|---|---|---|---|\n"
    lines, size = [head], len(head.encode())
    ordered = [r for status in ORDER for r in verdict.results if r.status == status]
    for number, line in enumerate(_lines(ordered)):
        size += len(line.encode())
        if size > most - 200:
            lines.append(f"\n{len(ordered) - number} more checks are in verdict.json.\n")
            break
        lines.append(line)
    return "".join(lines)


def _lines(results: list[Result]) -> Iterator[str]:
    for result in results:
        cell = result.cells[0]
        notes = f" ({result.level})" if result.level != "error" else ""
        notes += f" waived until {result.waived}" if result.waived else ""
        notes += f" ({result.aside})" if result.aside else ""
        cells = (result.id + notes, cell.label or cell.quantity, tells(cell))
        shown = " | ".join(escape(text) for text in cells)
        yield f"| {MARKS[result.status]} | {shown} |\n"


def escape(text: str, most: int = 500) -> str:
    """Text that Markdown and HTML read as text: no link, no mention, no new line, no bidi."""
    return literal(printable(text if len(text) <= most else text[:most] + "…"))
