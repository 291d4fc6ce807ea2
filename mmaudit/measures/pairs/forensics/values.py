"""Single values in the wrong place: one value in many rows, and columns that are swapped."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mmaudit.arrays import Bools, Ints
from mmaudit.measures.pairs.forensics.columns import OrderedPairs
from mmaudit.measures.pairs.forensics.defect import Defect, defect
from mmaudit.measures.pairs.forensics.duplicates import Alike

REPEATED = 20  # times the usual multiplicity
MOST_VALUES = 16
ENOUGH = 32_768  # rows that say where the two sides are
APART = 4.0  # standard deviations between the two sides of a modality gap


@dataclass(frozen=True, slots=True)
class Repeat:
    """One value that stands in many rows.

    Attributes:
        side: ``left`` or ``right``.
        rows: Its rows, ``(n,)``.
    """

    side: str
    rows: Bools


def repeated(
    pairs: OrderedPairs, content: Ints, misfits: tuple[Repeat, ...] = ()
) -> Iterator[Defect]:
    """Values that stand in many more rows than is usual, without fitting them.

    Without a shared space nothing says whether a value fits but its pairs' scores: there only those
    are named that these do.

    Args:
        pairs: Both sides.
        content: Number of each right row's content, equal for copies, ``(n,)``.
        misfits: Values whose rows score no better than strangers.
    """
    count = np.bincount(content)
    least = REPEATED * max(1.0, float(np.median(count[count > 0])))
    often = np.flatnonzero(count >= least) if pairs.shared else np.zeros(0, np.int64)
    covered = np.zeros(len(pairs), np.bool_)
    for value in often[np.argsort(-count[often], kind="stable")][:MOST_VALUES].tolist():
        rows = content == value
        owner = _belongs(pairs, np.flatnonzero(rows), ~np.isin(content, often))
        if owner is not None:
            covered |= rows
            yield _stuck(pairs, Repeat("right", rows), *owner)
    for repeat in misfits:
        if not (covered & repeat.rows).any():
            covered |= repeat.rows
            yield _stuck(pairs, repeat, -1, 0.0)


def _stuck(pairs: OrderedPairs, repeat: Repeat, owner: int, chance: float) -> Defect:
    """The defect of one value, with the row that it belongs to, -1 for none, and how sure."""
    partner, confidence = np.arange(len(pairs)), np.ones(len(pairs))
    partner[repeat.rows] = -1
    if owner >= 0:
        partner[owner], confidence[owner] = owner, chance
    return defect(
        "repeated",
        f"one value on the {repeat.side} stands in {int(repeat.rows.sum())} rows",
        pairs,
        pairs.shard_of(repeat.rows),
        partner,
        rows=repeat.rows,
        confidence=confidence,
    )


def _belongs(
    pairs: OrderedPairs, rows: Ints, others: NDArray[np.bool_]
) -> tuple[int, float] | None:
    """The row that a repeated value belongs to, -1 for none, and how sure; None if it fits all."""
    value = np.full(len(pairs), rows[0])
    everywhere = pairs.cosines(np.arange(len(pairs)), value)
    alike = Alike.of(pairs.own()[others], everywhere[others])
    here = everywhere[rows]
    if here.mean() - alike.strange > (alike.matched - alike.strange) / 2:
        return None
    odds = np.exp(alike.log_odds(here).clip(-50, 50)) / len(rows)  # it is one of them, or none
    best = int(odds.argmax())
    chance = float(odds[best] / (1.0 + odds.sum()))
    return (int(rows[best]), chance) if chance > 0.5 else (-1, 0.0)


def swapped(pairs: OrderedPairs) -> Defect | None:
    """Rows whose two values stand in each other's column, seen where there is a modality gap."""
    left, right = pairs.left, pairs.right
    if left.shape[1] != right.shape[1]:
        return None
    some = slice(None, None, max(1, len(pairs) // ENOUGH))
    gap = np.median(left[some], axis=0) - np.median(right[some], axis=0)
    a, b = left @ gap, right @ gap
    middle = (np.median(a) + np.median(b)) / 2
    spread = max(_spread(a), _spread(b), 1e-12)
    if (np.median(a) - np.median(b)) < 2 * APART * spread:
        return None
    rows = (a < middle) & (b > middle)
    if not rows.any():
        return None
    says = f"the two columns are swapped in {int(rows.sum())} rows"
    return defect(
        "swapped columns", says, pairs, pairs.shard_of(rows), np.arange(len(pairs)), rows=rows
    )


def _spread(values: NDArray[np.floating]) -> float:
    return float(1.4826 * np.median(np.abs(values - np.median(values))))
