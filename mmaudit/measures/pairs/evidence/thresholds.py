"""Thresholds: what a cosine from which pairs are kept keeps, and what of that is mismatched."""

from dataclasses import dataclass

import numpy as np

from mmaudit.arrays import Vectors
from mmaudit.measures.pairs.evidence.mismatch_rates import mismatches
from mmaudit.rows import Estimate

QUANTILES = (0.5, 0.75, 0.9, 0.95, 0.99, 0.995, 0.999)


@dataclass(frozen=True, slots=True)
class CosineThreshold:
    """A cosine from which pairs are kept.

    Attributes:
        cosine: The cosine.
        keeps: Share of the pairs that are at or above it.
        mismatched: Share of those that are random mismatches, with its 95 % prediction interval.
    """

    cosine: float
    keeps: float
    mismatched: Estimate


def thresholds(cosine: Vectors, null: Vectors, rate: Estimate) -> tuple[CosineThreshold, ...]:
    """Keep pairs from the quantiles of the shuffled pairs' cosines on, rising.

    A threshold is fixed by the shuffled pairs, so a random mismatch passes it with the chance that
    a shuffled pair does.

    Args:
        cosine: Of each pair, ``(n,)``.
        null: Of each shuffled pair, ``(m,)``.
        rate: Share of mismatches among the pairs between its bounds.
    """
    n, m = len(cosine), len(null)
    out = []
    for at in np.unique(np.quantile(null, QUANTILES)).tolist():
        count = int((cosine >= at).sum())
        if count:
            passing = float((null >= at).mean())
            out.append(CosineThreshold(at, count / n, mismatches(count, passing, rate, n, m)))
    return tuple(out)


def least(table: tuple[CosineThreshold, ...], level: float) -> CosineThreshold | None:
    """The lowest threshold whose upper end of the mismatched share is within a level, if any."""
    return next((row for row in table if row.mismatched.high <= level), None)
