"""A comparison of two runs as a document: for people who were not there."""

from collections.abc import Iterator, Sequence

from mmaudit.gate.diff import lines
from mmaudit.gate.diff.diff import Change, Diff
from mmaudit.gate.diff.flips import Flips
from mmaudit.gate.diff.groups import Group, Grouped, grouped
from mmaudit.report.blocks import Chart, Table, TableCell, table
from mmaudit.report.charts.bars import bars
from mmaudit.report.documents.document import Chapter, Document, Tone
from mmaudit.report.words import condition
from mmaudit.rows import Estimate

MOST_BARS = 24  # of one chart
LARGEST = "The largest change of rows that move together, main metrics first"
HEADS = ("row", "metric", "before", "after", "difference", "q", "means")


def document(diff: Diff, least: float) -> Document:
    """Clean data, the largest changes, every sure change, flipped answers, what is left out.

    Args:
        diff: The comparison.
        least: The smallest difference that matters, in units of each metric.
    """
    shown = grouped(diff, least)
    tone, chip = _tone(shown)
    chapters = (
        _clean(shown),
        _largest(shown),
        _every(shown),
        _flips([f for f in diff.flips if f.changed]),
        _alone(diff),
        _left_out(shown),
    )
    return Document(
        heading="mmaudit diff",
        subject=f"{diff.first} · {diff.second}",
        tone=tone,
        chip=chip,
        lead=lines.headline(diff, shown),
        chapters=tuple(chapter for chapter in chapters if chapter is not None),
    )


def _tone(shown: Grouped) -> tuple[Tone, str]:
    """One word for the whole: what is sure, and large enough to matter."""
    moved = [c for g in (*shown.clean, *shown.groups) for c in (g.first, *g.others)]
    sure = {c.direction for c in moved if _size(c) >= shown.least} - {"same"}
    if not sure:
        small = any(shown.counts.values())
        return "none", "no change that matters" if small else "no sure change"
    if sure == {"better"}:
        return "pass", "better"
    return (
        ("fail", "worse") if sure <= {"worse", "other"} and "worse" in sure else ("none", "mixed")
    )


def _size(change: Change) -> float:
    return abs(change.difference.value) if change.difference else 0.0


def _clean(shown: Grouped) -> Chapter | None:
    if not shown.clean:
        return None
    return Chapter(
        "clean",
        "Clean data",
        "What changed before anything was done to the data?",
        tables=(_groups("What changed on clean data", shown.clean),),
    )


def _largest(shown: Grouped) -> Chapter:
    question = "Where did the second run change most, and what moved with it?"
    title = "The largest changes"
    if not shown.groups:
        return Chapter("largest", title, question, ("Nothing that matters surely changed.",))
    return Chapter(
        "largest",
        title,
        question,
        charts=tuple(_charts(shown.groups)),
        tables=(_groups(LARGEST, shown.groups),),
    )


def _charts(groups: Sequence[Group]) -> Iterator[Chart]:
    """One chart a metric that speaks for groups: numbers of other metrics have other units."""
    for audit, metric in dict.fromkeys((g.audit, g.first.metric) for g in groups):
        cells: dict[str, Estimate] = {}
        mine = [g for g in groups if (g.audit, g.first.metric) == (audit, metric)]
        for group in mine[:MOST_BARS]:
            if group.first.difference is not None:
                cells[condition(group.first.label)] = group.first.difference
        more = f", the largest {MOST_BARS} of {len(mine)}" if len(mine) > MOST_BARS else ""
        title = f"Difference of {metric.replace('_', ' ')}, second run minus first{more}"
        if cells:
            yield bars(title, f"difference of {metric}", cells)


def _groups(title: str, groups: Sequence[Group]) -> Table:
    rows = [_row(group.first, lines.along(group.others)) for group in groups]
    return table(title, HEADS, rows)


def _row(change: Change, along: str = "") -> tuple[object, ...]:
    """A change; what moved along, and what to know about it, stand below its name."""
    notes = [f"with it {along}"] if along else []
    notes += [change.reason] if change.reason else []
    name = TableCell(change.label, change.label, f"({'; '.join(notes)})" if notes else "")
    values = (change.before, change.after, change.difference, change.q_value)
    return name, change.metric, *values, change.direction


def _every(shown: Grouped) -> Chapter | None:
    groups = [*shown.clean, *shown.groups]
    large = f" of at least {shown.least:g}" if shown.least else ""
    every = f"every other sure change{large}"
    tables = [
        table(f"{group.series}: {every}", HEADS, [_row(c) for c in group.others])
        for group in groups
        if group.others
    ]
    if not tables:
        return None
    return Chapter(
        "every", "What moved with them", "Which rows are behind each group?", tables=tuple(tables)
    )


def _flips(flips: Sequence[Flips]) -> Chapter | None:
    if not flips:
        return None
    heads = ("condition", "samples", "answers differ", "lost", "won", "the first that were lost")
    rows = [
        (f.condition, f.n, f.changed, f.lost_count, f.won_count, ", ".join(f.lost[:5]))
        for f in flips
    ]
    return Chapter(
        "flips",
        "Flipped answers",
        "Which samples changed their mind?",
        tables=(table("Answers that differ", heads, rows),),
    )


def _alone(diff: Diff) -> Chapter | None:
    where = {"new": "the second run alone", "gone": "the first run alone"}
    rows = [(where[one.word], lines.only(one)) for one in diff.unmatched]
    if not rows:
        return None
    return Chapter(
        "alone",
        "Rows of one run",
        "What could not be compared because only one run has it?",
        tables=(table("Rows that one run alone has", ("in", "rows"), rows),),
    )


def _left_out(shown: Grouped) -> Chapter:
    notes = [f"{count:,} {what}." for count, what in shown.left_out]
    if shown.least:
        notes.append(
            f"The smallest difference that matters is {shown.least:g}, in units of each metric. "
            "It decides what is shown, not what is sure."
        )
    notes.append("`mmaudit diff --json FILE` writes every row.")
    return Chapter("left-out", "What is left out", "What does this page not show?", tuple(notes))
