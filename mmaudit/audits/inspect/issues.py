"""Issues: one list of all that is wrong with single samples, the worst first."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from mmaudit.audits.inspect.contents import Contents
from mmaudit.audits.inspect.duplicates import Copies
from mmaudit.audits.inspect.quality import Judged
from mmaudit.audits.inspect.seen import Seen
from mmaudit.samples.skipped import SkippedRow

UNREADABLE, DUPLICATE, NEAR, LEAK = "unreadable", "duplicate", "near_duplicate", "across_splits"
SCHEMA = pa.schema(
    [
        pa.field("id", pa.string(), nullable=False),
        pa.field("modality", pa.string(), nullable=False),
        pa.field("check", pa.string(), nullable=False),
        pa.field("score", pa.float64()),
        pa.field("flagged", pa.bool_(), nullable=False),
        pa.field("reason", pa.string(), nullable=False),
        pa.field("suggestion", pa.string(), nullable=False),
    ]
)


@dataclass(frozen=True, slots=True)
class Issue:
    """Something that is wrong with a value.

    Attributes:
        position: Where its sample stands in the selection.
        modality: The modality.
        check: The check that saw it.
        score: The check's number; None where it has none.
        reason: What is wrong, and by which rule.
        suggestion: What to do.
        damage: How much it harms, larger is worse: what orders the list.
        usual: Whether so many values are like it that it is how the data is.
    """

    position: int
    modality: str
    check: str
    score: float | None
    reason: str
    suggestion: str
    damage: float
    usual: bool = False


def issues(seen: Seen) -> tuple[Issue, ...]:
    """All that is wrong with single values, the worst first."""
    contents = seen.contents
    every = [
        *unreadable(contents.unreadable(), contents),
        *(issue for opinion in seen.judged for issue in bad(opinion)),
        *(issue for double in seen.copies for issue in repeated(double, contents)),
    ]
    return tuple(
        sorted(every, key=lambda i: (-i.damage, i.modality, i.check, contents.ids[i.position]))
    )


def table(issues: Iterable[Issue], contents: Contents) -> pa.Table:
    """The list; what is usual in the data is in it, but not flagged."""
    rows = [
        {
            "id": contents.ids[i.position],
            "modality": i.modality,
            "check": i.check,
            "score": i.score,
            "flagged": not i.usual,
            "reason": i.reason,
            "suggestion": i.suggestion,
        }
        for i in issues
    ]
    return pa.Table.from_pylist(rows, SCHEMA)


def unreadable(skipped: Iterable[SkippedRow], contents: Contents) -> Iterator[Issue]:
    """Values that cannot be read."""
    at = {id_: i for i, id_ in enumerate(contents.ids)}
    for each in skipped:
        yield Issue(
            at[each.id], each.modality, UNREADABLE, None, each.reason, "mend or remove it", 4.0
        )


def bad(judged: Judged) -> Iterator[Issue]:
    """Values that a check calls bad."""
    at = np.flatnonzero(judged.flagged)
    if not at.size:
        return
    worse, rest = judged.worse[at], judged.worse[judged.measured]
    low, high = np.quantile(rest[np.isfinite(rest)], [0.25, 0.75]) if rest.size else (0.0, 1.0)
    spread = max(float(high - low), 1e-9)
    for i, value in zip(at.tolist(), worse.tolist(), strict=True):
        distance = (value - float(high)) / spread
        yield Issue(
            i,
            judged.asked.modality,
            judged.asked.name,
            float(judged.numbers[i]),
            judged.reason(i),
            judged.asked.check.suggestion,
            1.0 + float(np.clip(distance / (1 + abs(distance)), 0, 1)),
            judged.usual,
        )


def repeated(copies: Copies, contents: Contents) -> Iterator[Issue]:
    """Values that are, or nearly are, those of another sample."""
    splits = contents.splits
    mixed = np.zeros(len(contents.ids), np.bool_) if splits is None else copies.across(splits)
    first = dict[int, int]()
    for i, number in enumerate(copies.near.tolist()):
        if number >= 0:
            first.setdefault(number, i)
    for near in (False, True):
        those = copies.redundant(near=near)
        if near:
            those &= ~copies.redundant(near=False)
        for i in np.flatnonzero(those).tolist():
            other = first[int(copies.near[i])]
            how = "nearly the same as" if near else "the same as"
            leak = (
                f", and in another split ({splits[i]}, {splits[other]})"
                if mixed[i] and splits is not None
                else ""
            )
            check = LEAK if mixed[i] else NEAR if near else DUPLICATE
            yield Issue(
                i,
                copies.modality,
                check,
                None,
                f"{how} that of {contents.ids[other]}{leak}",
                "keep both in one split" if mixed[i] else "keep one",
                3.0 if mixed[i] else 0.5,
            )
