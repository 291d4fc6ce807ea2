"""Stretches: rows of a file whose right side is late or early, from one row to another.

A value that was lost or written twice moves all rows behind it, and none before it; blocks may have
been exchanged with one another. Only the rows that moved are touched.
"""

from collections.abc import Iterator

import numpy as np

from mmaudit.arrays import Bools, Ints
from mmaudit.measures.pairs.forensics.candidates import candidates, similarities
from mmaudit.measures.pairs.forensics.changes import Path, Segment, path
from mmaudit.measures.pairs.forensics.columns import OrderedPairs
from mmaudit.measures.pairs.forensics.defect import Defect, defect
from mmaudit.measures.pairs.forensics.learnt import learnt_path
from mmaudit.measures.pairs.forensics.shifts import SHORTEST, offsets, outstanding
from mmaudit.measures.pairs.shuffles import joined

EDGE = 4  # rows by which two exchanged blocks may seem to differ
CLEARER = 8.0  # log odds by which a row's own partner is better than the segment's: it stays
MOST_STARTS = 2
DISTINCT = 0.5  # of the rows, as many as there are kinds of rows that share a value or a group
CONTRADICTED = 0.02  # of the rows of a shift, that are right as they stand: it is no shift


def stretched(pairs: OrderedPairs, content: Ints, moves: list[Defect]) -> list[Defect]:
    """Moves of whole files and shards, and stretches of rows that moved.

    A move that the similarities along the file contradict, because part of its rows are right as
    they stand or moved otherwise, is replaced by what they say.

    Args:
        pairs: Both sides in the order of the file.
        content: Number of each right row's content, ``(n,)``: where most rows share theirs with
            others, or are of one group with them, other rows' partners fit as well, and nothing is
            learnt of a place.
        moves: Shifts and reversals of the whole or of shards.
    """
    if pairs.shared:
        places = candidates(pairs.left, pairs.right)
        similar, strange = similarities(pairs.left, pairs.right, places)
        along: Path | None = path(similar, places, strange)
    else:
        apart = content if pairs.kin is None else joined(content, pairs.kin)
        distinct = len(np.unique(apart)) >= DISTINCT * len(pairs)
        starts = _starts(pairs) if distinct else []
        along = learnt_path(pairs, starts) if starts else None
    if along is None:
        return [m for m in moves if pairs.shared or not _doubtful(pairs, m)]
    holding = [m for m in moves if m.name != "shift" or not _contradicted(along, m)]
    hit = np.zeros(len(pairs), np.bool_)
    for move in holding:
        hit |= move.rows
    free = [s for s in along.segments if not hit[s.rows].any()]
    return [*holding, *_defects(pairs, along, free)]


def _starts(pairs: OrderedPairs) -> list[int]:
    """Offsets that stand out of the file's profile, if any but zero does: guesses to begin with."""
    n = len(pairs)
    profile = offsets(pairs)
    tall = np.argsort(-profile)[: MOST_STARTS + 1]
    there = [int(k) if k <= n // 2 else int(k) - n for k in tall if outstanding(profile, int(k))]
    return there if any(there) else []


def _doubtful(pairs: OrderedPairs, move: Defect) -> bool:
    """Whether rows of a shift may be right as they stand, as far as a profile can tell."""
    return move.name == "shift" and outstanding(offsets(pairs), 0)


def _contradicted(along: Path, move: Defect) -> bool:
    """Whether a path takes rows of a shift as they stand, or at another offset."""
    rows = np.flatnonzero(move.rows)
    against = int(along.own[rows].sum())
    for segment in along.segments:
        inside = segment.rows[move.rows[segment.rows]]
        partner = move.partner[inside]
        against += int(((partner != inside + segment.offset) & (partner >= 0)).sum())
    return against > max(SHORTEST, CONTRADICTED * len(rows))


def _defects(pairs: OrderedPairs, along: Path, segments: list[Segment]) -> Iterator[Defect]:
    """One defect for each segment, and one for two that stand in each other's place."""
    waiting = list(segments)
    taken = along.own.copy()  # whose own left row takes them
    for segment in segments:
        taken[segment.rows] = False
    while waiting:
        first = waiting.pop(0)
        other = next((s for s in waiting if _exchanged(first, s)), None)
        both = [first]
        if other is not None:
            waiting.remove(other)
            both.append(other)
        yield _defect(pairs, along, both, taken)


def _exchanged(one: Segment, other: Segment) -> bool:
    """Whether the partners of two segments stand where these two are."""
    if one.offset * other.offset > 0:
        return False
    rows = sorted([one.first, one.last, other.first, other.last])
    targets = sorted(
        [s.first + s.offset for s in (one, other)] + [s.last + s.offset for s in (one, other)]
    )
    return all(abs(a - b) <= EDGE for a, b in zip(rows, targets, strict=True))


def _defect(pairs: OrderedPairs, along: Path, segments: list[Segment], taken: Bools) -> Defect:
    n, zero = len(pairs), int(np.searchsorted(along.offsets, 0))
    partner, chance = np.arange(n), np.ones(n)
    hit = np.zeros(n, np.bool_)
    for segment in segments:
        rows, target = segment.rows, segment.targets
        k = int(np.searchsorted(along.offsets, segment.offset))
        moved = along.gain[zero, rows] - along.gain[k, rows] < CLEARER
        there = (target >= 0) & (target < n)
        inside = target.clip(0, n - 1)
        there &= ~(taken[inside] & (along.gain[zero, inside] >= along.gain[k, rows]))
        partner[rows[moved]] = np.where(there, target, -1)[moved]
        chance[rows] = along.chance(segment)
        hit[rows[moved]] = True
    name = "exchanged blocks" if len(segments) > 1 else "shift"
    says = _exchange(pairs, segments) if len(segments) > 1 else _says(segments[0], n, partner)
    shard = pairs.whole if len(segments) > 1 else pairs.shard_of(hit)
    return defect(name, says, pairs, shard, partner, rows=hit, confidence=chance)


def _says(segment: Segment, n: int, partner: Ints) -> str:
    size, way = abs(segment.offset), "late" if segment.offset > 0 else "early"
    where = f"from row {segment.first} on"
    if segment.last < n - size:
        where = f"from row {segment.first} to row {segment.last - 1}"
    lost = int((partner < 0).sum())
    values = f", and {lost} of its values {'is' if lost == 1 else 'are'} lost" if lost else ""
    return f"{where} the right side is {size} {'row' if size == 1 else 'rows'} {way}{values}"


def _exchange(pairs: OrderedPairs, segments: list[Segment]) -> str:
    """Which two blocks stand in each other's place: their shards where these are they."""
    names = []
    for segment in segments:
        ends = np.array([segment.first, segment.last - 1])
        shard = next((s for s in pairs.shards if (abs(s.rows[[0, -1]] - ends) <= EDGE).all()), None)
        names.append(shard.name if shard else f"rows {ends[0]} to {ends[1]}")
    return f"the right sides of {' and '.join(names)} stand in each other's place"
