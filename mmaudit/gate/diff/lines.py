"""A comparison of two runs in words and as JSON."""

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path

from mmaudit.errors import UsageError
from mmaudit.files import write_text
from mmaudit.formats import interval, number
from mmaudit.gate.diff.diff import Change, Diff, Unmatched
from mmaudit.gate.diff.flips import Flips
from mmaudit.gate.diff.groups import Group, Grouped, grouped
from mmaudit.gate.outputs.document import plain
from mmaudit.gate.verdict import printable
from mmaudit.names import ALL

MOST = 20  # groups, and new or lost rows, that are shown
MOST_NAMES = 4  # metrics that are named among what moved along


def lines(diff: Diff, least: float = 0.0, most: int = MOST) -> list[str]:
    """Clean data, the largest change of each corruption, what is new or gone, what is left out.

    Args:
        diff: The comparison.
        least: The smallest difference that matters, in units of each metric.
        most: Groups, and new or lost rows, that are shown.
    """
    shown = grouped(diff, least)
    return [printable(line) for line in _lines(diff, shown, most)]


def headline(diff: Diff, shown: Grouped) -> str:
    """How many rows were compared, and how many surely changed."""
    counts = shown.counts
    return (
        f"{shown.compared} of {len(diff.changes)} shared rows compared: {counts['worse']} worse, "
        f"{counts['better']} better, {counts['other']} different, at a false discovery rate of 5 %"
    )


def along(changes: Sequence[Change]) -> str:
    """What moved with the change that speaks for a group; empty where nothing did."""
    if not changes:
        return ""
    directions = Counter(c.direction for c in changes)
    counts = ", ".join(f"{n} {d}" for d in ("worse", "better", "other") if (n := directions[d]))
    metrics = list(dict.fromkeys(c.metric for c in changes))
    named = ", ".join(metrics[:MOST_NAMES])
    more = f" and {len(metrics) - MOST_NAMES} more" if len(metrics) > MOST_NAMES else ""
    slices = len({c.slice for c in changes} - {ALL})
    inside = f"; in {slices} slice{'s' if slices > 1 else ''}" if slices else ""
    return f"{counts}: {named}{more}{inside}"


def flipped(flips: Flips) -> str:
    """How many answers differ under a condition."""
    return (
        f"{flips.condition}: {flips.changed:,} of {flips.n:,} answers differ, "
        f"{flips.lost_count:,} lost, {flips.won_count:,} won"
    )


def only(some: Unmatched) -> str:
    """Rows that one run alone has."""
    rows = "every row" if not some.rows else f"{some.rows} row{'s' if some.rows > 1 else ''}"
    return f"{some.audit}: {rows}" + (f" of {some.series}" if some.series else "")


def sentence(change: Change) -> str:
    """One change: from what to what, by how much, how sure."""
    d, a, b = change.difference, change.before, change.after
    if d is None or a is None or b is None or change.q_value is None:
        return f"{change.audit}: {change.metric} of {change.label}: {change.reason}"
    note = f" ({change.reason})" if change.reason else ""
    return (
        f"{change.audit}: {change.metric} of {change.label}: {number(a.value)} to "
        f"{number(b.value)}, difference {interval(d.value, d.low, d.high)}, "
        f"q = {change.q_value:.2g}{note}"
    )


def write(diff: Diff, path: Path) -> None:
    """Write the comparison as JSON.

    Raises:
        UsageError: The file cannot be written.
    """
    text = json.dumps(plain(asdict(diff)), indent=1, ensure_ascii=False, allow_nan=False)
    try:
        write_text(path, text + "\n")
    except OSError as error:
        raise UsageError(
            f"cannot write: {error.strerror}", where=str(path), fix="another path"
        ) from error


def _lines(diff: Diff, shown: Grouped, most: int) -> Iterator[str]:
    yield headline(diff, shown)
    for group in shown.clean:
        yield from _group(group)
    if shown.groups:
        yield (
            "the largest change of each group of rows that move together, main metrics first, "
            "then the largest:"
        )
    for group in shown.groups[:most]:
        yield from _group(group)
    if len(shown.groups) > most:
        rows = sum(1 + len(group.others) for group in shown.groups[most:])
        yield f"        and {len(shown.groups) - most} more groups with {rows} sure changes"
    for word in ("new", "gone"):
        some = [one for one in diff.unmatched if one.word == word]
        yield from (f"{word:6}  {only(one)}" for one in some[:most])
        if len(some) > most:
            rows = sum(one.rows for one in some[most:])
            yield f"        and {len(some) - most} more groups of {rows} {word} rows"
    out = list(shown.left_out)
    if shown.further_flips:
        out.append((shown.further_flips, "further conditions under which answers flipped"))
    if out:
        yield "left out:"
    for count, what in out:
        yield f"        {count} {what}"


def _group(group: Group) -> Iterator[str]:
    yield f"{group.first.direction:6}  {sentence(group.first)}"
    if group.others:
        yield f"        with it {along(group.others)}"
    if group.flips is not None and group.flips.changed:
        yield f"flips   {flipped(group.flips)}"
