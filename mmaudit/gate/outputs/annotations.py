"""A verdict as annotations of a build: at most ten lines, the worst first."""

from mmaudit.gate.verdict import Verdict, printable, tells

MOST = 10
COMMANDS = (("fail", "error"), ("inconclusive", "error"), ("warn", "warning"))


def annotations(verdict: Verdict) -> list[str]:
    """Workflow commands as GitHub reads them; data in them cannot start another."""
    lines = []
    for status, command in COMMANDS:
        for result in verdict.having(status):  # type: ignore[arg-type]
            cell = result.cells[0]
            title = _escape(f"mmaudit: {result.id}"[:120]).replace(":", "%3A").replace(",", "%2C")
            text = _escape(f"{cell.label}: {tells(cell)}"[:300])
            lines.append(f"::{command} title={title}::{text}")
    if len(lines) <= MOST:
        return lines
    return [
        *lines[: MOST - 1],
        f"::warning title=mmaudit::{len(lines) - MOST + 1} more in the report",
    ]


def _escape(text: str) -> str:
    return printable(text).replace("%", "%25")
