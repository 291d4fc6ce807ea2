"""False discovery rates of pairs, from the scores of shuffled pairs.

Shuffling breaks every correspondence and keeps what each side looks like, whatever the share of
mismatches is. So the scores of shuffled pairs are draws from ``F0``, the distribution of a random
mismatch, and the observed scores follow ``F = share * F0 + (1 - share) * F1`` with only ``F1``
unknown. Everything here follows from the two sets of counts. A score is higher for a better match.

References:
    Benjamini and Hochberg 1995, doi:10.1111/j.2517-6161.1995.tb02031.x
    Storey 2002, doi:10.1111/1467-9868.00346
    Massart 1990 (one-sided Dvoretzky-Kiefer-Wolfowitz), doi:10.1214/aop/1176990746
    Efron 2008 (local false discovery rate), doi:10.1214/07-STS236
    Bates et al. 2023 (conformal p-values), doi:10.1214/22-AOS2244
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import isotonic_regression
from scipy.stats import binom

from mmaudit.arrays import Floats
from mmaudit.bounds import means
from mmaudit.rows import Estimate
from mmaudit.seeds import Words

REPEATS = 1000
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


def upper_bound(counts: Levels, *, alpha: float = 0.05, units: int = 0) -> float:
    """Upper confidence bound of the share of random mismatches, free of distributions.

    ``share * F0 <= F`` holds at every score, so ``share <= (F + e) / (F0 - e0)`` at every score,
    with half of ``alpha`` spent on each of the two Dvoretzky-Kiefer-Wolfowitz bands.

    Args:
        counts: Observed and shuffled pairs.
        alpha: Probability that the bound is below the truth, at most.
        units: Independent units (groups) among the pairs; 0 where each pair is one.

    Returns:
        The bound, in [0, 1].
    """
    n, m = (units or counts.n), (units or counts.m)
    slack, slack_null = (np.sqrt(np.log(2.0 / alpha) / (2.0 * k)) for k in (n, m))
    low = counts.observed.cumsum() / counts.n + slack
    low_null = counts.null.cumsum() / counts.m - slack_null
    possible = low_null > 0
    return float(min(1.0, (low[possible] / low_null[possible]).min(initial=1.0)))


def local_fdr(counts: Levels, share: float) -> Floats:
    """Probability that a pair at each level is a random mismatch, never rising with the score.

    ``share * f0 / f``, with ``f / (f + f0)`` from an isotonic regression of observed against
    shuffled, each with weight one half.

    Returns:
        ``(level,)`` in [0, 1].
    """
    observed, null = counts.observed / counts.n, counts.null / counts.m
    weight = observed + null
    fitted = isotonic_regression(observed / weight, weights=weight).x.clip(LIMIT, 1.0 - LIMIT)
    return np.minimum(share * (1.0 - fitted) / fitted, 1.0)


def separability(counts: Levels) -> float:
    """Probability that an observed pair scores above a shuffled one, ties one half, in [0, 1]."""
    below = counts.null.cumsum() - counts.null / 2.0
    return float((counts.observed * below).sum() / (counts.n * counts.m))


def rate_interval(
    low: NDArray[np.bool_],
    low_null: NDArray[np.bool_],
    unit: NDArray[np.int64],
    unit_null: NDArray[np.int64],
    words: Words,
) -> Estimate:
    """Storey's noise rate with an interval over independent units.

    It is the hull of percentiles of a bootstrap of both shares, and of the exact ends of the
    observed share over the null's, since draws cannot show what was not seen. Resampling units is
    resampling the kinds of unit there are (how many pairs, how many of them low), so each repeat
    is one multinomial draw, whatever the number of pairs.

    Args:
        low: Whether each observed pair is at or below the null's median, ``(n,)``.
        low_null: The same of each shuffled pair, ``(m,)``.
        unit: Independent unit (group) of each observed pair, ``(n,)``.
        unit_null: Unit of the left side of each shuffled pair, ``(m,)``, among the same units.
        words: Randomness of the repeats.

    Returns:
        The noise rate and its 95 % interval, which models sampling and not indistinguishable
        matches: `upper_bound` is the guarantee.
    """
    size = int(max(unit.max(), unit_null.max())) + 1
    table = np.stack(
        [
            np.bincount(u, weights=w, minlength=size)
            for u, w in ((unit, low), (unit, None), (unit_null, low_null), (unit_null, None))
        ],
        axis=1,
    )
    kinds, count = _kinds(table[table[:, [1, 3]].any(1)].astype(np.int64))
    total = int(count.sum())
    drawn = _multinomial(count / total, total, words).astype(np.float64) @ kinds
    with np.errstate(divide="ignore", invalid="ignore"):
        rates = drawn[:, 0] / drawn[:, 1] / (drawn[:, 2] / drawn[:, 3])
    rates = np.where(np.isfinite(rates), rates, 1.0).clip(0.0, 1.0)
    value = float(min(1.0, low.mean() / low_null.mean()))
    a, b = np.quantile(rates, [0.025, 0.975]).tolist()
    own_units = np.unique(unit, return_inverse=True)[1]
    exact = means.ends(means.bounded(low.astype(np.float64), 0.0, 1.0, own_units))
    share = float(low_null.mean())
    a, b = min(a, exact[0] / share), min(1.0, max(b, exact[1] / share))
    n = int(count[kinds[:, 1] > 0].sum())
    return Estimate(value, min(a, value), max(b, value), n)


def _kinds(table: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Distinct rows, and how many there are of each."""
    sizes = tuple((table.max(0) + 1).tolist())
    if np.prod(np.array(sizes, np.float64)) > 2**62:
        return np.unique(table, axis=0, return_counts=True)
    number, count = np.unique(np.ravel_multi_index(table.T, sizes), return_counts=True)
    return np.stack(np.unravel_index(number, sizes), axis=1), count


def _multinomial(shares: Floats, total: int, words: Words) -> NDArray[np.int64]:
    """Repeated multinomial counts, ``(repeat, kind)``, as a chain of binomial quantiles."""
    rest = np.full(REPEATS, total, np.int64)
    out = np.zeros((REPEATS, len(shares)), np.int64)
    remaining = 1.0
    for k, share in enumerate(shares[:-1]):
        chance = min(1.0, share / remaining)
        out[:, k] = np.asarray(binom.ppf(words.uniforms(REPEATS, k), rest, chance))
        rest -= out[:, k]
        remaining -= share
    out[:, -1] = rest
    return out
