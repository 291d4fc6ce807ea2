"""Two runs side by side: what changed, by how much, and which samples changed their mind.

Every row that both runs have is compared, sample by sample where the metric allows; the p-values
of all of them together are corrected (Benjamini-Hochberg). Rows that one run alone has are named,
and rows that were made otherwise are not compared.

References:
    Benjamini and Hochberg 1995, "Controlling the false discovery rate",
    doi:10.1111/j.2517-6161.1995.tb02031.x
"""

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from mmaudit.bounds.corrections import benjamini_hochberg
from mmaudit.errors import InputError
from mmaudit.gate.diff.flips import Flips, flips_between
from mmaudit.gate.limits import STORED, Limit, z
from mmaudit.gate.numbers.baseline import Comparison, incomparable
from mmaudit.gate.numbers.quantity import Grounds, label
from mmaudit.names import ALL
from mmaudit.rows import Better, Estimate
from mmaudit.tables import run as runs
from mmaudit.tables.run import Row, Summary, estimate

Direction = Literal["better", "worse", "other", "same"]
Directions = dict[tuple[str, str], Better]  # by audit and metric
WHOLE = "all samples"  # what a row without keys is of
NONE = Limit("max", 0.0)
LEVEL = 0.05  # false discovery rate of what is called a change
NO_SPREAD = "not comparable: the intervals have no width, so nothing tells luck from a change"


@dataclass(frozen=True, slots=True)
class Change:
    """One row of both runs.

    Attributes:
        audit: Its audit.
        label: Which row, in words.
        metric: What was measured.
        series: What moves together: a corruption of a modality at any severity, a set of
            modalities, clean data, or the row itself.
        condition: Its condition, empty in an audit that has none.
        slice: Its part of the samples.
        primary: Whether the metric is the one that curves of the audit are made of.
        before: Its number in the first run; None where there is none.
        after: Its number in the second run.
        difference: Second minus first; None where they cannot be compared.
        p_value: Two-sided, of no difference.
        q_value: The same, corrected over all rows.
        direction: What the difference means at a false discovery rate of 5 %.
        reason: Why there is no difference, or how it was made if not sample by sample.
    """

    audit: str
    label: str
    metric: str
    series: str
    condition: str
    slice: str
    primary: bool
    before: Estimate | None
    after: Estimate | None
    difference: Estimate | None
    p_value: float | None = None
    q_value: float | None = None
    direction: Direction = "same"
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Unmatched:
    """Rows that one of the runs alone has and that are about one thing.

    Attributes:
        word: ``new`` in the second run, ``gone`` from it.
        audit: Their audit.
        series: What they are about, as of a change; empty where the run has no such audit.
        rows: How many they are; 0 where they are all of the audit.
    """

    word: Literal["new", "gone"]
    audit: str
    series: str
    rows: int


@dataclass(frozen=True, slots=True)
class Diff:
    """Two runs side by side.

    Attributes:
        first: The first run directory, as given.
        second: The second.
        changes: Every shared row, the surest changes first.
        new: Rows that the second run alone has.
        gone: Rows that the first run alone has.
        flips: Flipped samples for each shared condition.
        unmatched: The new rows and those that are gone, by what they are about.
    """

    first: str
    second: str
    changes: tuple[Change, ...]
    new: tuple[str, ...]
    gone: tuple[str, ...]
    flips: tuple[Flips, ...]
    unmatched: tuple[Unmatched, ...] = ()


def diff(first: str | Path, second: str | Path) -> Diff:
    """Compare two run directories.

    Raises:
        InputError: One of them is not there, or they share no audit.
        IncompleteError: One of them has no audit that has finished.
    """
    names = [set(runs.finished(path)) for path in (first, second)]
    audits = sorted(names[0] & names[1])
    if not audits:
        raise InputError("the runs share no audit", where=f"{first}, {second}", fix="two like runs")
    changes: list[Change] = []
    new = [f"{audit}: every row" for audit in sorted(names[1] - names[0])]
    gone = [f"{audit}: every row" for audit in sorted(names[0] - names[1])]
    unmatched = [Unmatched("new", audit, "", 0) for audit in sorted(names[1] - names[0])]
    unmatched += [Unmatched("gone", audit, "", 0) for audit in sorted(names[0] - names[1])]
    flips: list[Flips] = []
    directions: Directions = {}
    for audit in audits:
        a, b = (runs.read(Path(run), audit) for run in (first, second))
        changes += _changes(a, b)
        directions |= {(audit, metric): b.better(metric) for metric in b.metrics}
        only_b, only_a = _only(b, a), _only(a, b)
        new += [_name(row, b) for row in only_b]
        gone += [_name(row, a) for row in only_a]
        unmatched += [*_unmatched("new", only_b, b), *_unmatched("gone", only_a, a)]
        flips += flips_between(a, b)
    ordered = sorted(_corrected(changes, directions), key=_order)
    return Diff(
        str(first),
        str(second),
        tuple(ordered),
        tuple(new),
        tuple(gone),
        tuple(flips),
        tuple(unmatched),
    )


def _changes(a: Summary, b: Summary) -> Iterator[Change]:
    comparison = Comparison(this=b, base=a)
    for row in b.rows:
        there = a.find(row)
        if there is None:
            continue
        before, after = estimate(there["estimate"]), estimate(row["estimate"])
        change = Change(
            audit=b.audit,
            label=_label(row, b.columns),
            metric=row["metric"],
            series=_series(row, b.columns),
            condition=row.get("condition") or "",
            slice=row["slice"],
            primary=row["metric"] == b.main,
            before=before,
            after=after,
            difference=None,
        )
        why = incomparable(b.origin, a.origin, row)
        if why:
            yield replace(change, reason=f"not comparable: {why}")
        elif before is None or after is None:
            yield replace(change, reason="one run has no number")
        else:
            # with the sign turned, "how much worse" is second minus first
            more = comparison.difference(row, (before, after), -1, 0.0)
            p = None if more.grounds is None else _two_sided(more.grounds)
            yield replace(change, difference=more.estimate, p_value=p, reason=more.note)


def _two_sided(grounds: Grounds) -> float:
    """P-value of no difference, by the tests of both sides."""
    return min(1.0, 2 * min(grounds.p_past(NONE), grounds.p_within(NONE)))


def _series(row: Row, columns: Sequence[str]) -> str:
    """What a row is one of several numbers about."""
    if row.get("severity") is not None:
        return f"{row['corruption']}@{row['modality']}"
    return _label({**row, "slice": ALL}, columns)


def _label(row: Row, columns: Sequence[str]) -> str:
    """Which row, in words; also where it has no keys."""
    return label(row, columns) or WHOLE


def _corrected(changes: Sequence[Change], directions: Directions) -> list[Change]:
    """Give p-values, correct them over all rows, and say what each difference means."""
    p_values = [c.p_value if c.p_value is not None else p_value(c.difference) for c in changes]
    q_values = iter(benjamini_hochberg([p for p in p_values if p is not None]))
    corrected = []
    for change, p in zip(changes, p_values, strict=True):
        if p is not None:
            done = replace(change, p_value=p, q_value=next(q_values))
            better = directions[change.audit, change.metric]
            corrected.append(replace(done, direction=_direction(done, better)))
        elif change.difference is not None:
            corrected.append(replace(change, difference=None, reason=NO_SPREAD))
        else:
            corrected.append(change)
    return corrected


def p_value(difference: Estimate | None) -> float | None:
    """Two-sided p-value of no difference, from a 95 % interval.

    None where the interval has no width on the side of zero, as of a rank correlation of few
    severities that is the same in every resample: nothing is known of its spread.
    """
    if difference is None:
        return None
    value = difference.value
    if value == 0:
        return 1.0
    spread = abs(value - (difference.low if value > 0 else difference.high)) / z(STORED)
    return math.erfc(abs(value) / spread / math.sqrt(2)) if spread else None


def _direction(change: Change, better: Better) -> Direction:
    if change.difference is None or change.q_value is None or change.q_value > LEVEL:
        return "same"
    if better == "neither":
        return "other"
    return "better" if (change.difference.value > 0) == (better == "higher") else "worse"


def _order(change: Change) -> tuple[Any, ...]:
    q = 2.0 if change.q_value is None else change.q_value
    size = -abs(change.difference.value) if change.difference else 0.0
    return q, size, change.audit, change.label, change.metric


def _only(some: Summary, other: Summary) -> list[Row]:
    return [row for row in some.rows if other.find(row) is None]


def _name(row: Row, of: Summary) -> str:
    return f"{of.audit}: {row['metric']} of {_label(row, of.columns)}"


def _unmatched(
    word: Literal["new", "gone"], rows: Sequence[Row], of: Summary
) -> Iterator[Unmatched]:
    for series, count in Counter(_series(row, of.columns) for row in rows).items():
        yield Unmatched(word, of.audit, series, count)
