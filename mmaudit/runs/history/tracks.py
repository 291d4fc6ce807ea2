"""Tracks: rows of the summaries of many runs, joined only where they may be compared."""

from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import Any

from mmaudit.errors import UsageError
from mmaudit.gate.numbers.baseline import incomparable
from mmaudit.gate.numbers.quantity import label
from mmaudit.gate.select import Selector, parse
from mmaudit.names import ALL, CLEAN
from mmaudit.report.documents.history import Track
from mmaudit.runs.history.past import Member
from mmaudit.tables.run import UNKNOWN, Row, Summary, estimate

CURVE = "area_under_curve"
Key = tuple[str, str, str]  # audit, metric, label


def followed(members: Sequence[Member], metrics: Sequence[str]) -> tuple[list[Track], list[str]]:
    """The rows that are followed, and where they may not be compared.

    Args:
        members: The runs, in their order.
        metrics: Selectors; by default the main metric of every audit.

    Raises:
        UsageError: A selector cannot be read, or matches no row of any run.
    """
    selectors = [parse(text, slice=None, where="--metric") for text in metrics]
    rows: dict[Key, list[Row | None]] = {}
    for selector in selectors or _primary(members):
        before = len(rows)
        for place, member in enumerate(members):
            summary = member.summaries.get(selector.audit)
            if summary is None or summary.absent:
                continue
            selector.check_columns(summary.columns, str(summary.path))
            for row in selector.rows(summary):
                if estimate(row["estimate"]) is not None:
                    key = (selector.audit, row["metric"], label(row, summary.columns))
                    rows.setdefault(key, [None] * len(members))[place] = row
        if metrics and len(rows) == before:
            raise _nothing(selector, members)
    notes: dict[str, None] = {}
    return [_track(key, some, members, notes) for key, some in rows.items()], list(notes)


def _primary(members: Sequence[Member]) -> Iterator[Selector]:
    """The main metric of each audit: on clean data, and over its curves where it has some."""
    newest: dict[str, Summary] = {}
    for member in members:
        newest |= member.summaries
    for audit, summary in sorted(newest.items(), key=lambda item: "condition" not in item[1].data):
        main = summary.main
        where = (("condition", CLEAN),) if "condition" in summary.columns else ()
        yield Selector(audit, main, (*where, ("slice", ALL)), f"{audit}.{main}")
        if f"{main}_{CURVE}" in summary.metrics:
            yield Selector(audit, f"{main}_{CURVE}", (("slice", ALL),), f"{audit}.{main}_{CURVE}")


def _track(
    key: Key, rows: Sequence[Row | None], members: Sequence[Member], notes: dict[str, None]
) -> Track:
    """A row over the runs; what cannot be compared is said in the notes, once."""
    audit, metric, name = key
    breaks, before = set(), None
    for place, row in enumerate(rows):
        if row is None:
            continue
        why = "" if before is None else _why(audit, members[before], members[place], row)
        if why and before is not None:
            breaks.add(place)
            names = f"{members[place].run.name} and {members[before].run.name}"
            notes[f"{audit}: {names} may not be compared, so no line joins them: {why}."] = None
        before = place
    newest = next(m.summaries[audit] for m in reversed(members) if audit in m.summaries)
    return Track(
        audit=audit,
        metric=metric,
        label=name,
        meaning=newest.meanings.get(metric, UNKNOWN),
        estimates=tuple(None if row is None else estimate(row["estimate"]) for row in rows),
        breaks=frozenset(breaks),
    )


def _why(audit: str, before: Member, this: Member, row: Mapping[str, Any]) -> str:
    origins = [m.summaries[audit].origin for m in (this, before)]
    return incomparable(origins[0], origins[1], row)


def _nothing(selector: Selector, members: Sequence[Member]) -> UsageError:
    """The refusal of a selector that matches nothing, with what is like it."""
    summaries = [m.summaries[selector.audit] for m in members if selector.audit in m.summaries]
    if not summaries:
        names = sorted({name for m in members for name in m.summaries})
        close = get_close_matches(selector.audit, names) or names
        return UsageError(
            f"no run has the audit {selector.audit!r}", where="--metric", fix=", ".join(close)
        )
    close = selector.close(summaries[-1]) or list(summaries[-1].metrics)[:8]
    return UsageError(
        f"no row of any run matches {selector.text!r}",
        where="--metric",
        fix=", ".join(f"{selector.audit}.{name}" for name in close),
    )
