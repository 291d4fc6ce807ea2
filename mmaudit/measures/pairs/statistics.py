"""What the scores of shuffled pairs say of the observed ones: lists, rates and a verdict."""

from dataclasses import dataclass
from math import ceil
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from mmaudit.arrays import Floats, Ints
from mmaudit.measures.pairs import fdr
from mmaudit.measures.pairs.study import Against
from mmaudit.rows import Estimate
from mmaudit.seeds import Words

Verdict = Literal["clean", "noisy", "not identifiable"]
LEAST_SEPARABLE = 0.75
WIDEST = 0.3
STREAMED = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Statistics:
    """Observed pairs against one kind of shuffled pairs.

    Attributes:
        p_value: Conformal p-value that the pair is a shuffled one, ``(n,)``; small is matched.
        q_value: Smallest false discovery rate of a list of matched pairs that holds the pair by
            Benjamini and Hochberg, ``(n,)``.
        q_value_storey: The same by Storey: times the noise rate.
        lfdr: Probability that the pair is a shuffled one, ``(n,)``.
        noise_rate: Storey's share of mismatches with its bootstrap interval.
        upper: 95 % upper bound of the share that assumes nothing about matched pairs.
        separability: Probability that an observed pair scores above a shuffled one.
        low: Whether the score is at or below the null's median, ``(n,)``.
        low_null: The same of each shuffled pair, ``(m,)``.
    """

    p_value: Floats
    q_value: Floats
    q_value_storey: Floats
    lfdr: Floats
    noise_rate: Estimate
    upper: float
    separability: float
    low: NDArray[np.bool_]
    low_null: NDArray[np.bool_]


def statistics(
    score: Floats,
    against: Against,
    unit: Ints,
    draw: Words,
    observed: NDArray[np.bool_] | None = None,
    *,
    streamed: int = STREAMED,
) -> Statistics:
    """Compare observed scores with those of shuffled pairs.

    Args:
        score: Scores of the pairs, ``(n,)``; higher is a better match.
        against: The shuffled pairs.
        unit: Independent unit of each pair, ``(n,)``.
        draw: Randomness of the bootstrap.
        observed: Pairs that the rates are about, ``(n,)``; the others are in the null.
        streamed: Pairs from which scores are counted in bins, in one pass.
    """
    counted = slice(None) if observed is None else observed
    large = observed is None and len(score) >= streamed
    counts, at = (fdr.streamed if large else fdr.levels)(score[counted], against.score)
    if observed is not None:
        at = np.searchsorted(np.unique(np.concatenate([score[counted], against.score])), score)
    share = fdr.noise_rate(counts)
    middle = np.sort(against.score)[(counts.m + 1) // 2 - 1]
    low, low_null = score <= middle, against.score <= middle
    upper = fdr.upper_bound(counts, units=int(unit.max()) + 1)
    null_unit = unit[against.pairs.left]
    rate = fdr.rate_interval(low[counted], low_null, unit[counted], null_unit, draw)
    return Statistics(
        p_value=fdr.p_values(counts)[at],
        q_value=fdr.q_values(counts)[at],
        q_value_storey=fdr.q_values(counts, share)[at],
        lfdr=fdr.local_fdr(counts, share)[at],
        noise_rate=below(rate, upper),
        upper=upper,
        separability=fdr.separability(counts),
        low=low,
        low_null=low_null,
    )


def below(rate: Estimate, upper: float) -> Estimate:
    """An estimate that does not contradict the bound; other thresholds may bound it further."""
    value = min(rate.value, upper)
    return Estimate(value, min(rate.low, value), max(rate.high, value), rate.n)


def verdict(
    numbers: Statistics, limit: float, *, from_scratch: bool = False
) -> tuple[Verdict, str]:
    """Clean, noisy, or not identifiable, and why.

    Args:
        numbers: Observed pairs against random re-pairings.
        limit: Share of mismatches up to which a dataset is called clean.
        from_scratch: Whether the scores are by an encoder that knows nothing but these pairs. It
            can vouch for matches, and so for a clean dataset; what it does not recognise may be a
            match all the same, so it never calls a dataset noisy.
    """
    rate = numbers.noise_rate
    if numbers.separability < LEAST_SEPARABLE:
        above, least = _apart(numbers.separability, LEAST_SEPARABLE, 2, "f")
        return "not identifiable", (
            f"observed pairs score above shuffled ones in {above} of the cases, "
            f"below {least}: either the two sides are hardly related for this encoder, "
            "or about half of the pairs or more are mismatched"
        )
    if numbers.upper - rate.low > WIDEST:
        return "not identifiable", (
            f"the noise rate is somewhere in {rate.low:.2f} to {numbers.upper:.2f}"
        )
    if numbers.upper <= limit:
        upper, most = _apart(numbers.upper, limit)
        return "clean", f"at most {upper} mismatched, below the limit of {most}"
    if from_scratch:
        return "not identifiable", (
            f"{rate.value:.1%} look like random re-pairings to an encoder that was trained on "
            f"nothing but these pairs, and at most {numbers.upper:.1%} are mismatched; an encoder "
            "that was trained elsewhere may recognise more of them"
        )
    if rate.value > limit:
        value, most = _apart(rate.value, limit)
        return "noisy", f"{value} mismatched, above the limit of {most}"
    return "not identifiable", (
        f"an estimated {rate.value:.1%} mismatched, but {rate.n} independent pairs only show that "
        f"it is at most {numbers.upper:.1%}; about {needed(numbers, limit)} would decide"
    )


def _apart(share: float, limit: float, digits: int = 1, form: str = "%") -> tuple[str, str]:
    """A share and its limit with as many digits as tell them apart."""
    for more in range(digits, digits + 4):
        texts = f"{share:.{more}{form}}", f"{limit:.{more}{form}}"
        if texts[0] != texts[1]:
            return texts
    return f"{share:.{digits}{form}}", f"{limit:.{digits}{form}}"


def needed(numbers: Statistics, limit: float) -> int:
    """Independent pairs with which the upper bound would be about at the limit.

    The distance of the bound from the rate falls with the square root of their number.
    """
    rate = numbers.noise_rate
    wanted = max(limit - rate.value, 1e-3)
    return ceil(rate.n * ((numbers.upper - rate.value) / wanted) ** 2)
