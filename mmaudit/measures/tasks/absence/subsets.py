"""Subsets of modalities: what holds under every one, the worst, the mean and the equity of them.

References:
    Clopper and Pearson 1934, doi:10.1093/biomet/26.4.404 (a share under every subset is a share)
    Berger 1982, doi:10.2307/1267823 (the worst of several)
    Feldman et al. 2015, arXiv:1412.3756 (the ratio of the lowest to the highest, as a measure of
    disparate impact; the four-fifths rule of the Uniform Guidelines of 1978)
"""

from collections.abc import Sequence
from dataclasses import dataclass

from mmaudit.arrays import Bools, Ints
from mmaudit.bounds.means import TAIL, bounded, ends
from mmaudit.measures.intervals.evidence import Mean, linear
from mmaudit.measures.tasks.severity.curves import Derived
from mmaudit.rows import Estimate, Metric

SAME, RIGHT = "certified_same", "certified_right"
WORST, MEAN, EQUITY, AREA = "_worst_subset", "_mean_subset", "_equity", "_subset_area"
METRICS = {
    SAME: Metric(
        "share of answers that are the clean one under every subset of so many modalities absent",
        "1",
        "higher",
        0.0,
        1.0,
    ),
    RIGHT: Metric(
        "share of answers that are right under every subset of so many modalities absent",
        "1",
        "higher",
        0.0,
        1.0,
    ),
}
DERIVED = {
    WORST: Derived("in the worst subset of so many modalities absent"),
    MEAN: Derived("averaged over the subsets of so many modalities absent"),
    AREA: Derived("averaged over the numbers of absent modalities, each the mean of its subsets"),
    EQUITY: Derived(
        "lowest over highest of the subsets of so many modalities absent; 1 where all are alike",
        "1",
        "higher",
        lambda _: (0.0, 1.0),
    ),
}


@dataclass(frozen=True, slots=True)
class Height:
    """The main metric under one subset, and as much of its interval as several of them need.

    Attributes:
        value: The number.
        n: How many units it was measured on.
        far: Its ends at the stated error.
        near: Its ends at the error shared by all subsets of as many absent.
        half: Its ends at half the stated error.
        share: Its ends at half of the shared error.
    """

    value: float
    n: int
    far: tuple[float, float]
    near: tuple[float, float]
    half: tuple[float, float]
    share: tuple[float, float]


def height(value: float, n: int, evidence: Mean, subsets: int) -> Height:
    """What is kept of one subset when its samples are let go.

    Args:
        value: The main metric.
        n: How many units it was measured on.
        evidence: Its samples.
        subsets: How many subsets have as many modalities absent.
    """
    tails = (TAIL, TAIL / subsets, TAIL / 2, TAIL / (2 * subsets))
    far, near, half, share = (evidence.ends(tail) for tail in tails)
    return Height(value, n, far, near, half, share)


def certificate(holds: Bools, groups: Ints | None) -> Estimate:
    """The share of samples of which something holds under every subset, with its exact interval.

    Args:
        holds: Of which samples it does, ``(n,)``.
        groups: Number of each sample's group, ``(n,)``; None where samples stand alone.
    """
    data = bounded(holds.astype(float), 0.0, 1.0, groups)
    low, high = ends(data)
    return Estimate(data.mean, min(low, data.mean), max(high, data.mean), data.units)


def worst(subsets: Sequence[Height], *, better: str) -> tuple[int, Estimate]:
    """Which subset is the worst, and how bad the worst one is, whichever it is.

    The end beyond which no subset may lie needs no correction for the choice, the other one does.

    Args:
        subsets: The subsets of as many modalities absent, one or more.
        better: Which direction of the metric is good.
    """
    pick = min if better == "higher" else max
    at = pick(range(len(subsets)), key=lambda i: subsets[i].value)
    if better == "higher":
        low, high = min(s.far[0] for s in subsets), min(s.near[1] for s in subsets)
    else:
        low, high = max(s.near[0] for s in subsets), max(s.far[1] for s in subsets)
    value = subsets[at].value
    return at, Estimate(value, min(low, value), max(high, value), min(s.n for s in subsets))


def equity(subsets: Sequence[Height]) -> Estimate | None:
    """The lowest over the highest of the subsets of as many modalities absent, 0 … 1.

    Chance spreads what is alike, so the number itself is below the truth where all are; its upper
    end is not. The error of each end is shared by the two numbers that it is made of.

    Args:
        subsets: Their numbers, none of them negative, two or more.

    Returns:
        None where all are 0.
    """
    top = max(s.value for s in subsets)
    if not top > 0:
        return None
    value = min(s.value for s in subsets) / top
    low = max(min(s.half[0] for s in subsets), 0.0) / max(s.half[1] for s in subsets)
    least = max(s.share[0] for s in subsets)
    high = min(s.share[1] for s in subsets) / least if least > 0 else 1.0
    n = min(s.n for s in subsets)
    return Estimate(value, min(low, value), max(min(high, 1.0), value), n)


def summed(first: Mean | None, second: Mean) -> Mean:
    """The sum of means of the same samples, of which there may be none yet."""
    return second if first is None else linear((1.0, 1.0), (first, second))


def averaged(total: Mean, count: float) -> Mean:
    """The mean of so many that were summed."""
    return linear((1 / count,), (total,))
