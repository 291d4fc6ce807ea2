"""Partners that are all there but in another order: in a run of rows, a shard, the whole file.

A run of rows that are no more alike than strangers is found first, in one pass over the file. Then
its rows are assigned to one another, and each partner gets the probability that it is the right
one: the doubly stochastic matrix of the odds (Sinkhorn), which knows that no two rows share one.

References:
    Karlin and Altschul 1990 (chance of a run's score), doi:10.1073/pnas.87.6.2264
    Sinkhorn 1964, doi:10.1214/aoms/1177703591
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment
from scipy.stats import norm

from mmaudit.arrays import Ints, Vectors
from mmaudit.measures.pairs.forensics.columns import OrderedPairs, Shard
from mmaudit.measures.pairs.forensics.defect import ALARM, KINDS, Defect, defect
from mmaudit.measures.pairs.forensics.duplicates import Alike
from mmaudit.measures.pairs.forensics.shifts import SHORTEST

MOST_ROWS = 8192  # of a block, a shard or a file that is assigned row by row
STRANGE = 1.5  # standard deviations above strangers at which a pair stops looking like them
AS_STRANGERS = 0.97  # of the strangers' share of such pairs: the file as a whole is out of order
MARGIN = 16  # rows beside a run that are looked at with it
NEARLY = 0.8  # of a shard: then it is the shard that is in another order
MOST_RUNS = 64
SWEEPS = 60
SMALLEST = 1e-30  # odds of a partner, at least: no row or column of zeros
LIKELY = 0.5
CLEAREST = 10  # one in so many picks says how alike matched rows are
FEWEST = 0.05  # of the rows of a block find another partner that is likelier than not
Ordered = Callable[[Ints], str]


@dataclass(frozen=True, slots=True)
class Stretch:
    """Consecutive rows of a shard or of the whole file.

    Attributes:
        piece: The shard.
        first: Its first row.
        last: The row behind its last one.
    """

    piece: Shard
    first: int
    last: int

    @classmethod
    def over(cls, piece: Shard) -> "Stretch":
        """All of a shard."""
        return cls(piece, 0, len(piece.rows))

    @property
    def rows(self) -> Ints:
        """Its rows in the file."""
        return self.piece.rows[self.first : self.last]

    @property
    def entire(self) -> bool:
        """Whether it is all of its shard."""
        return self.last - self.first == len(self.piece.rows)

    def wider(self) -> "Stretch":
        """With the rows beside it, which may belong to it."""
        ends = max(0, self.first - MARGIN), min(len(self.piece.rows), self.last + MARGIN)
        return Stretch(self.piece, *ends)


def permuted(pairs: OrderedPairs, usable: NDArray[np.bool_], ordered: Ordered) -> Iterator[Defect]:
    """Blocks, shards, or a whole file in another order.

    Args:
        pairs: Both sides, in one space.
        usable: Rows that have a partner at all, ``(n,)``.
        ordered: Says in words which side of some rows is sorted; empty where none is.
    """
    own, strange = pairs.own(), pairs.strange()
    top = float(strange.mean(dtype=np.float64) + STRANGE * strange.std(dtype=np.float64))
    low, usual = own <= top, float((strange <= top).mean())
    share = float(low[usable].mean()) if usable.any() else 1.0
    if share >= AS_STRANGERS * usual:
        yield from _all(pairs, usable, ordered)
        return
    share = max(share, 1.0 / len(pairs))
    odds = np.log([(1.0 - usual) / (1.0 - share), usual / share])
    runs = [*_runs(np.where(usable, odds[low.astype(np.int64)], 0.0), pairs)]
    outside = usable.copy()
    for run in runs:
        outside[run.rows] = False
    alike = Alike.of(own[outside], strange) if outside.any() else None
    yield from _tried(pairs, runs, alike, ordered)


def _all(pairs: OrderedPairs, usable: NDArray[np.bool_], ordered: Ordered) -> list[Defect]:
    """Every shard in an order of its own, or one order over all, by what finds more partners."""
    shards = [s for s in pairs.shards if len(s.rows) >= SHORTEST and usable[s.rows].all()]
    ways = [
        [*_tried(pairs, [Stretch.over(s) for s in places], None, ordered)]
        for places in (shards, [pairs.whole])
    ]
    return max(ways, key=_likely)


def _likely(defects: list[Defect]) -> int:
    return sum(int((f.rows & (f.confidence > LIKELY)).sum()) for f in defects)


def _runs(gain: NDArray[np.float64], pairs: OrderedPairs) -> Iterator[Stretch]:
    """Runs of rows that look like strangers, by their score; by chance in one file of 1,000.

    The expected exponential of the gain of a row is one elsewhere in the file, so the chance of
    any run with a score of ``s`` is below ``n exp(-s)``.
    """
    least = np.log(len(gain) * KINDS / ALARM)
    for piece in pairs.pieces:
        score = gain[piece.rows].copy()
        for _ in range(MOST_RUNS):
            total = np.concatenate([[0.0], score.cumsum()])
            above = total - np.minimum.accumulate(total)
            last = int(above.argmax())
            if above[last] < least:
                break
            first = int(total[: last + 1].argmin())
            score[first:last] = -least
            if last - first >= NEARLY * len(score):
                yield Stretch.over(piece)
            elif last - first >= SHORTEST:
                yield Stretch(piece, first, last)


def _tried(
    pairs: OrderedPairs, places: list[Stretch], alike: Alike | None, ordered: Ordered
) -> Iterator[Defect]:
    """Those places whose partners are inside them, in another order."""
    for place in places:
        if len(place.rows) > MOST_ROWS:
            continue
        gain, sure = _halves(pairs.part(Shard("", place.rows)), max(1, len(places)))
        if not sure:
            continue
        run, odds = place, alike
        if odds is None:
            similar = _similar(pairs, place)
            usual = float(similar.mean(dtype=np.float64))
            odds = Alike(usual + gain, usual, float(similar.var(dtype=np.float64)))
        if not place.entire:
            run = _bounded(pairs, place.wider(), odds)
        local, chance = _partners(pairs, run, odds)
        moved = local != np.arange(len(local))
        away, stay = (int((chance > LIKELY)[at].sum()) for at in (moved, ~moved))
        if away > max(FEWEST * len(local), 3.0) and away > 4 * stay:
            yield _defect(pairs, run, local, chance, ordered)


def _bounded(pairs: OrderedPairs, run: Stretch, odds: Alike) -> Stretch:
    """A run without the rows at its ends that keep their partners."""
    local, chance = _partners(pairs, run, odds)
    away = np.flatnonzero((local != np.arange(len(local))) & (chance > LIKELY))
    if not len(away):
        return run
    return Stretch(run.piece, run.first + int(away[0]), run.first + int(away[-1]) + 1)


def _similar(pairs: OrderedPairs, run: Stretch) -> Vectors:
    part = pairs.part(Shard("", run.rows))
    return np.asarray(part.left @ part.right.T, np.float32)


def _partners(pairs: OrderedPairs, run: Stretch, odds: Alike) -> tuple[Ints, NDArray[np.float64]]:
    """Partner of each row inside a run, and the chance that it is right."""
    similar = _similar(pairs, run)
    local, chance = assigned(np.float32(odds.slope) * similar)
    picked = similar[np.arange(len(local)), local]
    return local, chance / (1.0 + np.exp(-odds.log_odds(picked)))  # or it is in another place


def _halves(part: OrderedPairs, tests: int) -> tuple[float, bool]:
    """Whether the rows have partners among one another, by one half of the dimensions.

    Rows that are each other's best by every second dimension are compared by the others: strangers
    are then no more alike than any two rows are.

    Returns:
        By how much more alike matched rows are, from the clearest tenth of those picks, and
        whether the picks are more alike beyond doubt.
    """
    halves = [_centred(part.left[:, k::2] @ part.right[:, k::2].T) for k in range(2)]
    gain, score = 0.0, 0.0
    for here, there in (halves, halves[::-1]):
        best, back = here.argmax(1), here.argmax(0)
        rows = np.flatnonzero(back[best] == np.arange(len(here)))
        picked = there[rows, best[rows]]
        score += float(picked.sum()) / max(float(there.std()) * np.sqrt(len(rows)), 1e-12)
        second, first = np.partition(here[rows], -2, axis=1)[:, -2:].T
        clearest = np.argsort(second - first, kind="stable")[: max(10, len(rows) // CLEAREST)]
        gain += float(picked[clearest].mean())
    return gain, score / np.sqrt(2) > norm.isf(ALARM / (KINDS * tests))


def _centred(similar: Vectors) -> Vectors:
    return similar - similar.mean(0) - similar.mean(1)[:, None] + similar.mean()


def assigned(log_odds: NDArray[np.floating]) -> tuple[Ints, NDArray[np.float64]]:
    """Best one-to-one assignment of rows to columns, and the probability of each choice.

    Args:
        log_odds: Log odds of each pair, up to a constant for each row and column, ``(m, m)``.

    Returns:
        Column of each row, ``(m,)``, and its probability.
    """
    chance = np.exp(log_odds - log_odds.max(1, keepdims=True)) + log_odds.dtype.type(SMALLEST)
    rows, columns = (np.ones(len(chance), log_odds.dtype) for _ in range(2))
    for _ in range(SWEEPS):
        columns = 1.0 / (rows @ chance)
        rows = 1.0 / (chance @ columns)
    chance *= rows[:, None]
    chance *= columns
    _, assignment = linear_sum_assignment(chance, maximize=True)
    of_each = chance[np.arange(len(chance)), assignment].astype(np.float64)
    return assignment.astype(np.int64), of_each.clip(0.0, 1.0)


def _defect(
    pairs: OrderedPairs, run: Stretch, local: Ints, chance: NDArray[np.float64], ordered: Ordered
) -> Defect:
    partner, confidence = np.arange(len(pairs)), np.ones(len(pairs))
    partner[run.rows], confidence[run.rows] = run.rows[local], chance
    name, says = "permuted block", f"rows {run.first} to {run.last - 1} are in another order"
    if run.entire:
        how = ordered(run.rows)
        name = "sorted side" if how else "permuted side"
        says = f"one side is in another order{': ' if how else ''}{how}"
    return defect(name, says, pairs, run.piece, partner, confidence=confidence)
