"""What a comparison says first: clean data, then the largest change of each corruption.

A corruption that hurts moves dozens of rows at once: every severity, metric and slice of it. They
are one group, whose largest change of the audit's main metric speaks for it, and the others are
counted beside it. What is not shown is counted by its reason.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

from mmaudit.gate.diff.diff import Change, Diff
from mmaudit.gate.diff.flips import Flips
from mmaudit.names import ALL, CLEAN


@dataclass(frozen=True, slots=True)
class Group:
    """Rows that move together.

    Attributes:
        audit: Their audit.
        series: What they are about.
        first: The change that speaks for them.
        others: The other sure changes among them, the surest first.
        flips: Flipped samples under the condition of the first; None where none were compared.
    """

    audit: str
    series: str
    first: Change
    others: tuple[Change, ...]
    flips: Flips | None


@dataclass(frozen=True, slots=True)
class Grouped:
    """A comparison in the order in which it is read.

    Attributes:
        clean: What clean data say, in each audit that has them; also where nothing is sure.
        groups: Every other group with a sure change that matters, the largest first.
        counts: How many sure changes are worse, better and other.
        compared: How many rows could be compared.
        left_out: Rows that are not shown: how many, and what they are.
        further_flips: Conditions under which answers flipped and that speak for no group.
        least: The smallest difference that matters, in units of each metric.
    """

    clean: tuple[Group, ...]
    groups: tuple[Group, ...]
    counts: dict[str, int]
    compared: int
    left_out: tuple[tuple[int, str], ...]
    further_flips: int
    least: float


def grouped(diff: Diff, least: float = 0.0) -> Grouped:
    """Put what matters first, and count the rest.

    Args:
        diff: The comparison.
        least: The smallest difference that matters, in units of each metric, 0 or more.
    """
    flips = {f.condition: f for f in diff.flips}
    sure = [c for c in diff.changes if c.direction != "same"]
    large = [c for c in sure if _size(c) >= least]
    clean = tuple(
        _group([c for c in diff.changes if (c.audit, c.series) == key], least, flips)
        for key in dict.fromkeys((c.audit, c.series) for c in diff.changes if c.condition == CLEAN)
    )
    rest = sorted((c for c in large if c.condition != CLEAN), key=_key)
    groups = [_group(list(some), least, flips) for _, some in groupby(rest, _key)]
    return Grouped(
        clean=clean,
        groups=tuple(sorted(groups, key=_order)),
        counts={d: sum(c.direction == d for c in sure) for d in ("worse", "better", "other")},
        compared=sum(c.difference is not None for c in diff.changes),
        left_out=tuple(_left_out(diff.changes, [group.first for group in clean], least)),
        further_flips=_further_flips(diff, clean, groups),
        least=least,
    )


def _group(rows: Sequence[Change], least: float, flips: dict[str, Flips]) -> Group:
    """The group of some rows of one series."""
    first = min(rows, key=lambda c: (*_rank(c), -_size(c) if c.primary else 0.0, _doubt(c)))
    moved = (c for c in rows if c.direction != "same" and _size(c) >= least)
    others = tuple(c for c in moved if c is not first)
    return Group(first.audit, first.series, first, others, flips.get(first.condition))


def _rank(change: Change) -> tuple[bool, ...]:
    """False before true: what speaks for a group is its main metric over all samples."""
    derived = change.condition == change.series and change.condition != CLEAN
    sure = change.direction != "same"
    if change.condition == CLEAN:
        return change.slice != ALL, not change.primary, not sure
    return not change.primary, change.slice != ALL, derived, not sure


def _order(group: Group) -> tuple[bool, str, float, str]:
    """Main metrics first, the largest change first."""
    change = group.first
    return not (change.primary and change.condition), group.audit, -_size(change), group.series


def _key(change: Change) -> tuple[str, str]:
    return change.audit, change.series


def _size(change: Change) -> float:
    return abs(change.difference.value) if change.difference else 0.0


def _doubt(change: Change) -> float:
    return 2.0 if change.q_value is None else change.q_value


def _further_flips(diff: Diff, clean: Sequence[Group], groups: Sequence[Group]) -> int:
    """Conditions whose answers flipped and that speak for no group."""
    shown = {group.flips.condition for group in (*clean, *groups) if group.flips is not None}
    return sum(f.changed > 0 and f.condition not in shown for f in diff.flips)


def _left_out(
    changes: Sequence[Change], shown: Sequence[Change], least: float
) -> Iterable[tuple[int, str]]:
    """Rows that are not shown, by reason; clean data are, however little they changed."""
    rest = [c for c in changes if not any(c is one for one in shown)]
    small = sum(c.direction != "same" and _size(c) < least for c in rest)
    if small:
        yield small, f"changes are sure and smaller than {least:g}"
    same = [c.difference for c in rest if c.direction == "same" and c.difference is not None]
    if same:
        yield len(same), "rows without a sure change"
    within = sum(-least <= d.low and d.high <= least for d in same)
    if least and within:
        yield within, f"of them with a whole interval within ±{least:g}"
    for reason, count in Counter(c.reason for c in rest if c.difference is None).items():
        yield count, f"rows {reason}"
