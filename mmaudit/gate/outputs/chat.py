"""A verdict in a few lines of plain text, for a chat: what failed, by how much, and where it is."""

import re
from collections.abc import Iterator
from pathlib import Path

from mmaudit.errors import UsageError
from mmaudit.formats import number
from mmaudit.gate.verdict import Cell, Result, Verdict, printable

MOST = 600  # characters in all
LONGEST = 60  # characters of one name
MOST_LINK = 300  # characters of a link
WORDS = {"pass": "passes", "fail": "FAILS", "inconclusive": "is undecided"}
# what a chat would read as a mention or a link is text here
MENTION = re.compile(r"(?<!\w)@|@(?=everyone|here|channel|all)", re.IGNORECASE)
BRACKETS = str.maketrans({"<": "‹", ">": "›"})


def summary(verdict: Verdict, page: str) -> str:
    """The verdict in fewer than 600 characters; checks for which there is no room are counted.

    Args:
        verdict: What was decided.
        page: Where the page is; empty where there is none.

    Raises:
        UsageError: The page's address leaves no room for anything else.
    """
    if len(page) > MOST_LINK:
        raise UsageError(
            f"an address of {len(page)} characters is too long for {MOST} in all",
            fix=f"a page of at most {MOST_LINK} characters",
        )
    counts = [f"{len(verdict.having('pass'))} of {len(verdict.results)} checks pass"]
    counts += [
        f"{len(some)} {word}"
        for status, word in (("fail", "failed"), ("inconclusive", "undecided"), ("warn", "warned"))
        if (some := verdict.having(status))  # type: ignore[arg-type]
    ]
    run = _plain(Path(verdict.run).name)
    head = f"mmaudit gate: {run} {WORDS[verdict.outcome]}: {', '.join(counts)}"
    last = f"page: {printable(page)}" if page else ""
    lines, rest = [head], list(_results(verdict))
    room = MOST - 1 - len(head) - len(last) - 2 - len("\nand 00000 more checks")
    while rest and len(rest[0]) + 1 <= room:
        room -= len(rest[0]) + 1
        lines.append(rest.pop(0))
    if rest:
        lines.append(f"and {len(rest)} more check{'s'[: len(rest) > 1]}")
    return "\n".join([*lines, last] if last else lines)


def _results(verdict: Verdict) -> Iterator[str]:
    """What is not well, the failed first."""
    for result in verdict.having("fail"):
        yield f"failed: {_plain(result.id)}: {_measured(result)}"
    for result in verdict.having("inconclusive"):
        yield f"undecided: {_plain(result.id)}: {_measured(result)}"
    for result in verdict.having("warn"):
        yield f"warning: {_plain(result.id)}: {_measured(result)}"


def _measured(result: Result) -> str:
    """The worst row of a check: what it is, against which limit, by how much."""
    bad = sum(c.outcome in {"fail", "missing"} for c in result.cells)
    waits = [c for c in result.cells if c.outcome == "inconclusive"]
    cell = waits[0] if waits and bad <= result.max_failing_rows else result.cells[0]
    where = f" ({_plain(cell.label)})" if cell.label else ""
    others = bad - (cell.outcome in {"fail", "missing"})
    more = f", and {others} more row{'s'[: others > 1]}" if bad > 1 else ""
    if result.max_failing_rows:
        more = f"; {bad} of {result.family} rows past it, {result.max_failing_rows} may be"
    return f"{_number(cell)}{where}{more}"


def _number(cell: Cell) -> str:
    if cell.estimate is None:
        return f"no number: {_plain(cell.reason)}"
    sign = "≥" if cell.kind == "min" else "≤"
    gap = (cell.estimate.value - cell.limit) * (-1 if cell.kind == "min" else 1)
    text = f"{number(cell.estimate.value)}, limit {sign} {number(cell.limit)}"
    text += f", {number(abs(gap))} {'past' if gap > 0 else 'within'} it"
    if cell.outcome == "inconclusive" and cell.needed:
        text += f", about {cell.needed:,} {_plain(cell.counts)} would decide"
    return text


def _plain(text: str) -> str:
    """Data as text: no mention, no link, no markup, of a length that leaves room for others."""
    cut = text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"
    shown = MENTION.sub("(at)", printable(cut).translate(BRACKETS))
    return shown.replace("://", ": //").replace("www.", "www .")
