"""Crossed: the mean over samples and seeds of training, with the error of both.

Every seed judges the same samples, so that neither is nested in the other. With ``d[s, i]``, the
mean squares of seeds, samples and the rest give ``Var(mean) = (MS_seed + MS_sample - MS_rest) /
(n S)``, never below what either source says alone. The mean square of seeds has ``S - 1`` degrees
of freedom, too few to correct over many methods: it is pooled over the methods of a family, unless
one's own is `FAR` times as large. One simultaneous interval decides, so that what is printed and
the verdict cannot differ.

References:
    Owen 2007, "The pigeonhole bootstrap", doi:10.1214/07-AOAS122 (crossed random effects);
    Satterthwaite 1946 (degrees of freedom); Bonferroni over the methods of a family
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy import stats

from mmaudit.arrays import Floats, Ints
from mmaudit.rows import Estimate

Verdict = Literal["helps", "harms", "no shown difference", "cannot be told"]
FAR = 3.0  # times the pooled mean square of seeds: one's own is used then
POWER = 0.84  # normal quantile of a chance of .8 to show what is there
TINY = 1e-12
MOST = 1e9  # samples, from which no number of them is said to do what more seeds would


@dataclass(frozen=True, slots=True)
class MeanSquares:
    """Of a table of seeds and samples.

    Attributes:
        seeds: Between seeds.
        samples: Between samples.
        rest: What neither explains.
    """

    seeds: float
    samples: float
    rest: float


@dataclass(frozen=True, slots=True, kw_only=True)
class PairedGain:
    """What one method makes of the samples beside another.

    Attributes:
        estimate: Mean difference, with the simultaneous 95 % interval of its family.
        verdict: ``helps`` above 0, ``harms`` below, ``no shown difference`` within the margin.
        needs: Samples that would show the difference, or the margin where that is larger, four
            times in five; None where no number of them would without more seeds.
    """

    estimate: Estimate
    verdict: Verdict
    needs: int | None


def squares(d: Floats) -> MeanSquares:
    """Mean squares of seeds, samples and the rest.

    Args:
        d: At least two seeds and two samples, ``(seed, sample)``.

    Example:
        >>> squares(np.array([[0.0, 1.0], [1.0, 2.0]]))
        MeanSquares(seeds=1.0, samples=1.0, rest=0.0)
    """
    s, n = d.shape
    mean, by_seed, by_sample = d.mean(), d.mean(1), d.mean(0)
    rest = d - by_seed[:, None] - by_sample[None] + mean
    return MeanSquares(
        seeds=float(n * by_seed.var(ddof=1)),
        samples=float(s * by_sample.var(ddof=1)),
        rest=float((rest**2).sum() / ((s - 1) * (n - 1))),
    )


def of_groups(d: Floats, groups: Ints | None) -> Floats:
    """Differences of groups, whose mean over groups is that over samples, ``(seed, group)``.

    Args:
        d: ``(seed, sample)``.
        groups: Number of the group of each sample, from 0, ``(sample,)``; None for no groups.
    """
    if groups is None:
        return d
    count = int(groups.max()) + 1
    sums = np.stack([np.bincount(groups, weights=row, minlength=count) for row in d])
    return sums * (count / d.shape[1])


def mean(d: Floats, level: float = 0.95) -> Estimate:
    """Mean over seeds and samples, with its interval.

    Args:
        d: ``(seed, sample)``; one seed stands for itself.
        level: Chance that the interval holds the mean.
    """
    value, n = float(d.mean()), d.shape[1]
    if n < 2:
        return Estimate(value, -math.inf, math.inf, n)
    if d.shape[0] < 2:
        error = float(d[0].std(ddof=1)) / math.sqrt(n)
        reach = float(stats.t.ppf((1 + level) / 2, n - 1)) * error
        return Estimate(value, value - reach, value + reach, n)
    own = squares(d)
    error, freedom = standard_error(own, own.seeds, d.shape[0] - 1, d.shape)
    reach = float(stats.t.ppf((1 + level) / 2, freedom)) * error
    return Estimate(value, value - reach, value + reach, n)


def compare(
    differences: Mapping[str, Floats],
    margin: float,
    families: int = 1,
    level: float = 0.95,
    *,
    alone: bool = False,
) -> dict[str, PairedGain]:
    """Judge every method of a family against its control.

    Args:
        differences: Of each method, paired by seed and sample, ``(seed, sample)``: at least two of
            each.
        margin: PairedGain that matters.
        families: How many such families are judged at once.
        level: Chance that all intervals of all families hold their difference.
        alone: Whether that is the chance of each interval by itself, which is then no verdict on
            the best of several.
    """
    if not differences:
        return {}
    own = {name: squares(d) for name, d in differences.items()}
    pooled = float(np.mean([each.seeds for each in own.values()]))
    tail = (1 - level) / (2 if alone else 2 * len(differences) * families)
    out = {}
    for name, d in differences.items():
        s = d.shape[0]
        far = own[name].seeds > FAR * pooled
        seeds = own[name].seeds if far else pooled
        freedom = (s - 1) * (1.0 if far else max(1.0, len(differences) / 2))
        out[name] = _judged(d, own[name], seeds, freedom, tail, margin)
    return out


def _judged(
    d: Floats, own: MeanSquares, seeds: float, seed_freedom: float, tail: float, margin: float
) -> PairedGain:
    """The difference of one method, by the mean square of seeds that was agreed on."""
    s, n = d.shape
    error, freedom = standard_error(own, seeds, seed_freedom, d.shape)
    quantile = float(stats.t.ppf(1 - tail, freedom))
    value = float(d.mean())
    low, high = value - quantile * error, value + quantile * error
    sure = (quantile + POWER) ** 2
    by_seeds = max(0.0, (seeds - own.rest) / (n * s)) * sure  # what more samples cannot remove
    room = max(abs(value), margin) ** 2 - by_seeds
    samples = sure * max(own.samples, TINY) / s
    needs = math.ceil(samples / room) if room * MOST > samples else None
    return PairedGain(
        estimate=Estimate(value, low, high, n), verdict=_verdict(low, high, margin), needs=needs
    )


def _verdict(low: float, high: float, margin: float) -> Verdict:
    if low > 0:
        return "helps"
    if high < 0:
        return "harms"
    return "no shown difference" if max(-low, high) <= margin else "cannot be told"


def standard_error(
    own: MeanSquares, seeds: float, seed_freedom: float, shape: tuple[int, ...]
) -> tuple[float, float]:
    """Standard error of the mean, and its degrees of freedom.

    Args:
        own: Mean squares of the table.
        seeds: That of seeds, its own or a pooled one.
        seed_freedom: The degrees of freedom of this one.
        shape: Seeds and samples.
    """
    s, n = shape
    by_seed, by_sample = max(seeds, TINY), max(own.samples, TINY)
    total = max(by_seed + by_sample - own.rest, by_seed, by_sample)
    freedom = total**2 / (
        by_seed**2 / seed_freedom + by_sample**2 / (n - 1) + own.rest**2 / ((s - 1) * (n - 1))
    )
    return math.sqrt(total / (n * s)), freedom
