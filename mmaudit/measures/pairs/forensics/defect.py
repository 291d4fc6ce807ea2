"""A defect: one cause of many mismatches, what undoes it, and how sure that is."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import t as student

from mmaudit.arrays import Ints
from mmaudit.measures.pairs.forensics.columns import OrderedPairs, Shard

ALARM = 1e-3  # probability of naming any defect of a file that has none, all tests together
KINDS = 5  # shift, from a row on, reversed, permuted in the whole and in shards: equal shares


@dataclass(frozen=True, slots=True, kw_only=True)
class Defect:
    """One cause of mismatches, and what undoes it.

    Attributes:
        name: ``shift``, ``exchanged blocks``, ``reversed``, ``permuted block``, ``permuted side``,
            ``sorted side``, ``repeated`` or ``swapped columns``.
        says: The defect in words, with the shard.
        shard: Name of the shard that it hit; empty where it is not one shard.
        rows: Rows that are affected, ``(n,)`` bool.
        partner: Row of the right partner of each left row, ``(n,)``; -1 where it is lost.
        confidence: Probability that this is the right partner, ``(n,)``, in [0, 1].
        before: Mean similarity of the affected rows as they are; None where sides share no space.
        after: Mean similarity of those that can be repaired, once they are.
    """

    name: str
    says: str
    shard: str
    rows: NDArray[np.bool_]
    partner: Ints
    confidence: NDArray[np.float64]
    before: float | None
    after: float | None


def defect(
    name: str,
    says: str,
    pairs: OrderedPairs,
    shard: Shard,
    partner: Ints,
    *,
    rows: NDArray[np.bool_] | None = None,
    confidence: NDArray[np.float64] | None = None,
) -> Defect:
    """A defect with the gain of its repair.

    Args:
        name: Kind of defect.
        says: The defect in words, without the shard.
        pairs: Both sides.
        shard: Where it is.
        partner: Right partner of each left row, ``(n,)``.
        rows: Rows that are affected; by default those whose partner is not their own row.
        confidence: Probability that the partners are right; certain by default.
    """
    hit = partner != np.arange(len(pairs)) if rows is None else rows
    before = after = None
    if pairs.shared and hit.any():
        at = np.flatnonzero(hit)
        mended = at[partner[at] >= 0]
        before = float(pairs.cosines(at, at).mean())
        after = float(pairs.cosines(mended, partner[mended]).mean()) if len(mended) else None
    return Defect(
        name=name,
        says=says + shard.where,
        shard=shard.name,
        rows=hit,
        partner=partner,
        confidence=np.ones(len(pairs)) if confidence is None else confidence,
        before=before,
        after=after,
    )


def clearly(gain: NDArray[np.floating], tests: int) -> bool:
    """Whether a mean is above zero beyond doubt: one-sided t test, corrected over all tests.

    Args:
        gain: Gain of each row, ``(m,)``.
        tests: How many such tests the file has.
    """
    if len(gain) < 2:
        return False
    error = max(float(gain.std(ddof=1)) / np.sqrt(len(gain)), 1e-12)
    return bool(float(gain.mean()) / error > student.isf(ALARM / (KINDS * tests), len(gain) - 1))
