"""One of the user's own samples under each corruption at each severity, beside the curves."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from difflib import SequenceMatcher
from typing import Any

from mmaudit.report.blocks import Chart, Strip, StripCell, TextRun
from mmaudit.report.charts.scene import short
from mmaudit.report.charts.severity import COLOURED
from mmaudit.report.read import AuditData, RunData
from mmaudit.report.sections.gallery import picture
from mmaudit.report.words import visible
from mmaudit.tables import store

FILE = "examples.parquet"
LONGEST = 300  # characters of a text
MOST_BYTES = 1_500_000  # of the pictures of one chart
Rows = dict[tuple[str, int], dict[str, Any]]  # by corruption and severity; clean is ("", 0)


def read(run: RunData, audit: AuditData) -> dict[str, Rows]:
    """The examples of a sweep by modality; empty where it kept none."""
    path = run.path / audit.name / FILE
    by: dict[str, Rows] = {}
    if path.exists():
        for row in store.read(path).to_pylist():
            by.setdefault(row["modality"], {})[row["corruption"], row["severity"]] = row
    return by


def beside(chart: Chart, rows: Rows) -> Chart:
    """A chart of severity curves with the sample under those that it names, the worst first.

    Args:
        chart: The curves, whose table begins with the worst corruption.
        rows: The examples of its modality.
    """
    clean = rows.get(("", 0))
    if clean is None:
        return chart
    order = list(dict.fromkeys(cells[0].text for cells in chart.table.rows))[:COLOURED]
    strips: list[Strip] = []
    used = 0
    for i, corruption in enumerate(order):
        steps = [row for (name, _), row in sorted(rows.items()) if name == corruption]
        if not steps:
            continue
        strip = Strip(short(corruption), f"c{i}", tuple(_steps(clean, steps)))
        used += sum(len(step.picture) for step in strip.steps)
        if used > MOST_BYTES:
            break
        strips.append(strip)
    return replace(chart, strips=tuple(strips), sample=visible(str(clean["id"])))


def _steps(clean: dict[str, Any], rows: Sequence[dict[str, Any]]) -> Iterator[StripCell]:
    before = str(clean["text"] or "")
    if clean["thumbnail"] is not None or before:
        yield _step("clean", clean, ())
    for row in rows:
        text = row["text"]
        words = () if text is None else tuple(_changes(before, str(text)))
        if text is not None and str(text) == before:
            words = (TextRun("unchanged", "note"),)
        yield _step(f"severity {row['severity']}", row, words)


def _step(name: str, row: dict[str, Any], words: tuple[TextRun, ...]) -> StripCell:
    thumbnail = row["thumbnail"]
    text = visible(str(row["text"] or ""), longest=LONGEST)
    return StripCell(
        name=name,
        picture=picture(thumbnail) if isinstance(thumbnail, bytes) else "",
        words=words or ((TextRun(text, "same"),) if text else ()),
    )


def _changes(before: str, after: str) -> Iterator[TextRun]:
    """The words of a text, told apart by whether they were there before."""
    old, new = before.split(), after.split()
    length = 0
    for what, i, j, k, m in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        for words, look in ((old[i:j], "gone"), (new[k:m], "same" if what == "equal" else "new")):
            if not words or (what == "equal" and look == "gone"):
                continue
            text = visible(" ".join(words), longest=LONGEST)
            yield TextRun(text, look)
            length += len(text)
        if length > LONGEST:
            yield TextRun("…", "same")
            return
