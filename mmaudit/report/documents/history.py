"""History: metrics and verdicts of many runs over time, as a document."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from mmaudit.names import CLEAN
from mmaudit.report.blocks import Chart, Table, table
from mmaudit.report.charts.course import Course, course
from mmaudit.report.documents.document import Chapter, Document, Tone
from mmaudit.report.words import condition
from mmaudit.rows import Estimate, Metric

MOST_COLUMNS = 4  # numbers of clean data that stand beside the verdicts
VERDICTS: dict[str, tuple[Tone, str]] = {
    "pass": ("pass", "passes"),
    "fail": ("fail", "fails"),
    "inconclusive": ("inconclusive", "undecided"),
    "": ("none", "no gate"),
}


@dataclass(frozen=True, slots=True)
class PastRun:
    """One run of a history.

    Attributes:
        path: Its directory, as it was named.
        name: What it is called in charts and tables.
        finished: When it finished, ISO 8601 in UTC to the second.
        commit: The commit that it was made from, empty where it does not say.
        outcome: ``pass``, ``fail`` or ``inconclusive``; empty where no gate has judged it.
        headline: What the gate said, or why there is no number.
    """

    path: str
    name: str
    finished: str
    commit: str
    outcome: str
    headline: str


@dataclass(frozen=True, slots=True)
class Track:
    """One row of the summaries over the runs.

    Attributes:
        audit: Its audit.
        metric: What was measured.
        label: Which row, in words.
        meaning: What the metric means, as far as the newest summary says.
        estimates: Its number in each run, in the order of the runs; None where there is none.
        breaks: Places of runs whose number may not be compared with the number before it.
    """

    audit: str
    metric: str
    label: str
    meaning: Metric
    estimates: tuple[Estimate | None, ...]
    breaks: frozenset[int]


@dataclass(frozen=True, slots=True)
class History:
    """Many runs, one after the other.

    Attributes:
        runs: The runs, the first one first.
        tracks: Rows of their summaries.
        notes: What to beware of: runs that may not be compared, and what was left out.
    """

    runs: tuple[PastRun, ...]
    tracks: tuple[Track, ...]
    notes: tuple[str, ...]


def document(history: History) -> Document:
    """A table of runs with verdicts, then a chart for each metric, audit by audit."""
    last = history.runs[-1]
    tone, chip = VERDICTS[last.outcome]
    says = condition(last.headline) or chip
    count = len(history.runs)
    which = f"{count} runs. The last, {last.name}" if count > 1 else f"One run, {last.name}"
    lead = f"{which}: {says}"
    audits = dict.fromkeys(track.audit for track in history.tracks)
    chapters = [
        _chapter(i, [t for t in history.tracks if t.audit == audit], history.runs)
        for i, audit in enumerate(audits)
    ]
    first = Chapter(
        "runs",
        "Runs and verdicts",
        "What did each run measure, and what did its gate say?",
        notes=history.notes,
        tables=(_overview(history),),
    )
    subject = f"{_minute(history.runs[0].finished)} to {_minute(last.finished)} (UTC)"
    return Document("mmaudit history", subject, tone, chip, lead, (first, *chapters))


def _overview(history: History) -> Table:
    whole = [track for track in history.tracks if track.label in {"", CLEAN}]
    shown = whole[:MOST_COLUMNS]
    commits = any(run.commit for run in history.runs)
    heads = (
        *("run", "finished (UTC)", *(["commit"] if commits else []), "verdict"),
        *(track.metric + f" {track.label}".rstrip() for track in shown),
        "the gate said",
    )
    rows = [
        (
            run.name,
            _minute(run.finished),
            *([run.commit or None] if commits else []),
            VERDICTS[run.outcome][1],
            *(track.estimates[i] for track in shown),
            run.headline or None,
        )
        for i, run in enumerate(history.runs)
    ]
    return table("Runs, the first one first", heads, rows)


def _minute(time: str) -> str:
    return time[:16].replace("T", " ")


def _chapter(place: int, tracks: Sequence[Track], runs: Sequence[PastRun]) -> Chapter:
    """What one audit measured, a chart a metric."""
    metrics = dict.fromkeys(track.metric for track in tracks)
    charts = [_chart([t for t in tracks if t.metric == metric], runs) for metric in metrics]
    title = tracks[0].audit.replace("_", " ")
    return Chapter(f"audit-{place}", title, charts=tuple(charts))


def _chart(tracks: Sequence[Track], runs: Sequence[PastRun]) -> Chart:
    """The course of one metric."""
    metric, help_ = tracks[0].metric.replace("_", " "), tracks[0].meaning.help
    return course(
        f"{metric} over {len(runs)} runs" + (f" ({help_})" if help_ else ""),
        tracks[0].metric,
        [run.name for run in runs],
        {track.label or track.metric: _course(track) for track in tracks},
        tracks[0].meaning,
    )


def _course(track: Track) -> Course:
    """The numbers of a track by place, cut where they may not be compared."""
    return tuple(_pieces(track))


def _pieces(track: Track) -> Iterator[dict[int, Estimate]]:
    piece: dict[int, Estimate] = {}
    for i, estimate in enumerate(track.estimates, 1):
        if i - 1 in track.breaks and piece:
            yield piece
            piece = {}
        if estimate is not None:
            piece[i] = estimate
    if piece:
        yield piece
