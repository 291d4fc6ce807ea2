"""False discovery rates of pairs, from the scores of shuffled pairs.

Shuffling breaks every correspondence and keeps what each side looks like, whatever the share of
mismatches is. So the scores of shuffled pairs are draws from ``F0``, the distribution of a random
mismatch, and the observed scores follow ``F = share * F0 + (1 - share) * F1`` with only ``F1``
unknown. Everything here follows from the two sets of counts. A score is higher for a better match.

References:
    Benjamini and Hochberg 1995, doi:10.1111/j.2517-6161.1995.tb02031.x
    Storey 2002, doi:10.1111/1467-9868.00346
    Efron 2008 (local false discovery rate), doi:10.1214/07-STS236
    Bates et al. 2023 (conformal p-values), doi:10.1214/22-AOS2244
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import isotonic_regression

from mmaudit.arrays import Floats

BINS = 65_536
AT_ONCE = 1 << 18
LIMIT = 1e-6  # of the probability that a score is an observed one, so that odds stay finite


@dataclass(frozen=True, slots=True)
class Levels:
    """Observed and shuffled scores counted at distinct values or in bins, from low to high.

    Attributes:
        observed: Observed pairs at each level, ``(level,)``.
        null: Shuffled pairs at each level, ``(level,)``.
    """

    observed: NDArray[np.int64]
    null: NDArray[np.int64]

    @property
    def n(self) -> int:
        """How many observed pairs there are."""
        return int(self.observed.sum())

    @property
    def m(self) -> int:
        """How many shuffled pairs there are."""
        return int(self.null.sum())


def levels(
    observed: NDArray[np.floating], null: NDArray[np.floating]
) -> tuple[Levels, NDArray[np.int64]]:
    """Count two sets of scores at their distinct values.

    Args:
        observed: Scores of the pairs, ``(n,)``, ``n >= 1``; higher is a better match.
        null: Scores of shuffled pairs, ``(m,)``, ``m >= 1``.

    Returns:
        The counts, and the level of each observed score, ``(n,)``.

    Raises:
        ValueError: One of the two is empty, or a score is NaN.
    """
    both = np.concatenate([observed, null])
    if not len(observed) or not len(null) or np.isnan(both).any():
        raise ValueError("levels need observed and shuffled scores that are numbers")
    values, at = np.unique(both, return_inverse=True)
    n, size = len(observed), len(values)
    counts = Levels(np.bincount(at[:n], minlength=size), np.bincount(at[n:], minlength=size))
    return counts, at[:n].astype(np.int64)


def binned(scores: NDArray[np.floating], edges: Floats) -> NDArray[np.int64]:
    """Level of each score among fixed edges, ``(n,)``: for one pass with constant memory."""
    return np.searchsorted(edges, scores, side="right").astype(np.int64)


def streamed(
    observed: NDArray[np.floating], null: NDArray[np.floating], bins: int = BINS
) -> tuple[Levels, NDArray[np.uint16]]:
    """Count many scores in one pass over equal bins of the null's range.

    What lies beyond the null is as clear as a null of that size can make it, so it needs no bins
    of its own. Memory does not grow with the scores but for the bin of each.

    Args:
        observed: Scores of the pairs, ``(n,)``; may be memory-mapped; higher is a better match.
        null: Scores of shuffled pairs, ``(m,)``.
        bins: How many levels, at most 65,536.

    Returns:
        The counts, and the level of each observed score, ``(n,)``.

    Raises:
        ValueError: One of the two is empty, or a score is NaN.
    """
    if not len(observed) or not len(null) or np.isnan(null).any():
        raise ValueError("levels need observed and shuffled scores that are numbers")
    highest = np.nextafter(float(null.max()), np.inf)
    edges = np.linspace(float(null.min()), highest, bins - 1)
    at = np.empty(len(observed), np.uint16)
    counts = np.zeros(bins, np.int64)
    for start in range(0, len(observed), AT_ONCE):
        block = observed[start : start + AT_ONCE]
        if np.isnan(block).any():
            raise ValueError("levels need observed and shuffled scores that are numbers")
        at[start : start + AT_ONCE] = here = binned(block, edges)
        counts += np.bincount(here, minlength=bins)
    shuffled = np.bincount(binned(null, edges), minlength=bins)
    used = (counts > 0) | (shuffled > 0)
    place = (np.cumsum(used) - 1).astype(np.uint16)  # levels without a score have no rates
    return Levels(counts[used], shuffled[used]), place[at]


def p_values(counts: Levels) -> Floats:
    """Conformal p-value of each level: is this pair better than a random re-pairing?

    Returns:
        ``(1 + shuffled pairs at least as high) / (m + 1)``, ``(level,)``, in (0, 1]; small means
        matched.

    Example:
        >>> counts, level = levels(np.array([0.9, 0.1]), np.array([0.1, 0.2, 0.3, 0.4]))
        >>> p_values(counts)[level]
        array([0.2, 1. ])
    """
    at_least = counts.null[::-1].cumsum()[::-1]
    return (1.0 + at_least) / (counts.m + 1.0)


def q_values(counts: Levels, share: float = 1.0) -> Floats:
    """Smallest false discovery rate at which each level is in the list of matched pairs.

    Args:
        counts: Observed and shuffled pairs.
        share: Share of mismatches that multiplies the p-values: 1 is Benjamini and Hochberg's
            procedure, the estimated noise rate is Storey's.

    Returns:
        ``(level,)`` in [0, 1]; it does not rise with the score.
    """
    above = counts.observed[::-1].cumsum()[::-1]
    rate = share * p_values(counts) * counts.n / np.maximum(above, 1)
    rate[above == 0] = np.inf
    return np.minimum(np.minimum.accumulate(rate), 1.0)


def noise_rate(counts: Levels) -> float:
    """Storey's estimate of the share of mismatches: ``F(t) / F0(t)`` at the null's median.

    The empirical ``F0(t)`` is used, not one half, so that ties do not bias it. Matched pairs that
    look like a random re-pairing count as mismatches.
    """
    at = median_level(counts)
    low, low_null = counts.observed[: at + 1].sum() / counts.n, counts.null[: at + 1].sum()
    return float(min(1.0, low / (low_null / counts.m)))


def median_level(counts: Levels) -> int:
    """The level of the null's median."""
    return int(np.searchsorted(counts.null.cumsum(), counts.m / 2.0))


def local_fdr(counts: Levels, share: float) -> Floats:
    """Probability that a pair at each level is a random mismatch, never rising with the score.

    Returns:
        ``share * f0 / f``, at most 1, ``(level,)``.
    """
    return np.minimum(share * local_ratio(counts), 1.0)


def local_ratio(counts: Levels) -> Floats:
    """Density of shuffled pairs by that of observed ones at each level, never rising.

    ``f0 / f``, with ``f / (f + f0)`` from an isotonic regression of observed against shuffled,
    each with weight one half.

    Returns:
        ``(level,)``, above 0.
    """
    observed, null = counts.observed / counts.n, counts.null / counts.m
    weight = observed + null
    fitted = isotonic_regression(observed / weight, weights=weight).x.clip(LIMIT, 1.0 - LIMIT)
    return np.asarray((1.0 - fitted) / fitted, np.float64)


def separability(counts: Levels) -> float:
    """Probability that an observed pair scores above a shuffled one, ties one half, in [0, 1]."""
    below = counts.null.cumsum() - counts.null / 2.0
    return float((counts.observed * below).sum() / (counts.n * counts.m))
