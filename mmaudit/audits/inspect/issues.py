"""Issues: one list of all that is wrong with single samples, the worst first."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from mmaudit.arrays import Bools, Codes
from mmaudit.audits.inspect.contents import Contents, splits_of
from mmaudit.audits.inspect.duplicates import Copies, first_of_each
from mmaudit.audits.inspect.finding_names import (
    DISAGREEMENT,
    DUPLICATE,
    LABEL,
    LEAK,
    NEAR,
    ONE_SIDED,
    UNREADABLE,
)
from mmaudit.audits.inspect.findings import Findings
from mmaudit.audits.inspect.learning.labels import Labels
from mmaudit.audits.inspect.quality import MOST_FLAGGED, Judged
from mmaudit.names import ALL
from mmaudit.samples.decode import TARGET
from mmaudit.samples.skipped import SkippedRow

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


def issues(findings: Findings) -> tuple[Issue, ...]:
    """All that is wrong with single values, the worst first."""
    contents = findings.contents
    every = [
        *unreadable(contents.unreadable(), contents),
        *(issue for opinion in findings.judged for issue in bad(opinion)),
        *repeated(findings),
        *mislabelled(findings.labels),
        *contradicting(findings.labels),
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


def dropped(issues: Iterable[Issue], contents: Contents, patterns: Sequence[str]) -> pa.Table:
    """Ids of the samples that have a finding of some checks, in the order of the samples."""
    those = {
        issue.position
        for issue in issues
        if not issue.usual and any(fnmatchcase(issue.check, pattern) for pattern in patterns)
    }
    return pa.table({"id": pa.array([contents.ids[i] for i in sorted(those)], pa.string())})


def unreadable(skipped: Iterable[SkippedRow], contents: Contents) -> Iterator[Issue]:
    """Values that cannot be read."""
    lost = tuple(skipped)
    wanted = {each.id for each in lost}
    at = {name: i for i, name in enumerate(contents.ids) if name in wanted} if wanted else {}
    for each in lost:
        yield Issue(
            at[each.id], each.modality, UNREADABLE, None, each.reason, "mend or remove it", 4.0
        )


def bad(judged: Judged) -> Iterator[Issue]:
    """Values that a check calls bad."""
    at = np.flatnonzero(judged.flagged)
    if not at.size:
        return
    numbers, usual = judged.numbers, judged.usual
    every, own = judged.what.check.worse(numbers), numbers[at]
    worse, rest = every[at], every[judged.measured]
    low, high = np.quantile(rest[np.isfinite(rest)], [0.25, 0.75]) if rest.size else (0.0, 1.0)
    spread = max(float(high - low), 1e-9)
    reasons = judged.reasons(at, own)
    for i, value, score, why in zip(
        at.tolist(), worse.tolist(), own.tolist(), reasons, strict=True
    ):
        distance = (value - float(high)) / spread
        yield Issue(
            i,
            judged.what.modality,
            judged.what.name,
            score,
            why,
            judged.what.check.suggestion,
            1.0 + float(np.clip(distance / (1 + abs(distance)), 0, 1)),
            usual,
        )


def mislabelled(labels: Labels | None) -> Iterator[Issue]:
    """Labels that what was learnt of the others speaks against; not flagged of like classes."""
    if labels is None:
        return
    errors = labels.errors
    for i in np.flatnonzero(errors.likely >= 0).tolist():
        own, other = labels.names[labels.labels[i]], labels.names[errors.likely[i]]
        yield Issue(
            position=int(labels.positions[i]),
            modality=TARGET,
            check=LABEL,
            score=float(errors.confidence[i]),
            reason=f"labelled {own}, and the values look like {other}",
            suggestion="look at it, and mend the label if it is wrong",
            damage=2.0 + float(1 - errors.confidence[i]),
            usual=not errors.counted,
        )


def contradicting(labels: Labels | None) -> Iterator[Issue]:
    """Samples of which two modalities are sure of different classes, once for each pair."""
    if labels is None:
        return
    for (first, second), pair in labels.disagreements.items():
        for i in np.flatnonzero(pair.sure).tolist():
            one, other = (labels.names[k] for k in pair.classes[i])
            yield Issue(
                position=int(labels.positions[i]),
                modality=f"{first},{second}",
                check=DISAGREEMENT,
                score=float(pair.score[i]),
                reason=f"{first} looks like {one}, and {second} like {other}",
                suggestion="see whether both belong to one sample",
                damage=2.0 + float(pair.score[i]),
                usual=not pair.accurate,
            )


def repeated(findings: Findings) -> Iterator[Issue]:
    """Samples that are copies of others, and values that are, unless a group says that they are."""
    contents, whole = findings.contents, findings.whole
    yield from _copies(whole, contents, whole.redundant(near=True))
    if len(findings.copies) == 1:
        return
    for copies in (c for c in findings.copies if not c.listed):
        alone = copies.redundant(near=True) & ~whole.redundant(near=True)
        yield from _copies(copies, contents, alone)


def _copies(copies: Copies, contents: Contents, those: Bools) -> Iterator[Issue]:
    """What is the same as an earlier one of another group or of another split."""
    groups = contents.groups
    splits = splits_of(contents)
    mixed = np.zeros(len(those), np.bool_) if splits is None else copies.across(splits)
    if not those.any():
        return
    earlier = first_of_each(copies.near)[copies.near]  # of -1 the last one: it is not listed
    if groups is not None:
        those = those & ((groups != groups[earlier]) | mixed)
    exact = copies.exact == copies.exact[earlier]
    usual = bool(those.sum() > MOST_FLAGGED * len(those))
    places = {}
    if splits is not None:
        places = _places(copies.near[mixed], contents.coded("split")[0][splits[mixed]])
    for i in np.flatnonzero(those).tolist():
        leak = f", which stand in {places[int(copies.near[i])]}" if mixed[i] else ""
        how = "the same as" if exact[i] else "nearly the same as"
        check, damage, fix = ONE_SIDED, 0.25, "see whether both go with the rest of their sample"
        if leak:
            check, damage, fix = LEAK, 3.0, "keep all of them in one split"
        elif copies.modality == ALL:
            check, damage, fix = DUPLICATE if exact[i] else NEAR, 0.5, "keep one"
        yield Issue(
            position=i,
            modality=copies.modality,
            check=check,
            score=None,
            reason=f"{how} that of {contents.ids[earlier[i]]}{leak}",
            suggestion=fix,
            damage=damage,
            usual=usual and not leak,
        )


def _places(number: Codes, splits: NDArray[np.str_]) -> dict[int, str]:
    """The splits in which each group stands, by its number."""
    places: dict[int, set[str]] = {}
    for group, split in zip(number.tolist(), splits.tolist(), strict=True):
        places.setdefault(group, set()).add(split)
    return {group: " and ".join(sorted(some)) for group, some in places.items()}
