"""Rates of random mismatches from both sides, by the positions of the pairs.

Mismatches stand anywhere among the shuffled pairs, so a share ``p`` of them puts at least ``p * t``
of the pairs into the lowest ``t`` of the positions, whatever matched pairs do: an upper bound at
every ``t``. It is a lower bound too where matched pairs do not stand there, which no score can
prove; so the smallest of several is taken, over ``t`` and over parts of the data in which pairs are
seen best, and no more than a weak comparison leaves.

References:
    Clopper and Pearson 1934, doi:10.1093/biomet/26.4.404
    Storey 2002, doi:10.1111/1467-9868.00346
    Zou and Donner 2008, doi:10.1002/sim.3095 (several errors from their own ends)
    Cameron, Gelbach and Miller 2011 (two-way clusters), doi:10.1198/jbes.2010.07136
"""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr, ndtri
from scipy.stats import binom, norm

from mmaudit.arrays import Floats, Ints
from mmaudit.bounds.shares import ends
from mmaudit.rows import Estimate

GRID = (0.5, 0.25, 0.1, 0.05)
TAIL, ONE = 0.025, 0.16  # beyond the bounds; beyond one standard error
SPLIT = (0.7, 0.1, 0.1, 0.1)  # of the error, for each position of the upper bound
FEWEST = (50,) * len(GRID)  # pairs that strangers would put below a position, to judge by it
FEWEST_BELOW = (50, 50, 25, 50)  # the same for the lower bound, which needs one far position
TRIED = np.arange(1000) / 1000  # shares of mismatches that a lower bound may be
GRADED = 0.25  # of the rate at the middle, by which the rate in the tail may be less
CLOSE, FAR = 400, (0.1, 0.2)  # independent pairs from which the nearer tail is compared


@dataclass(frozen=True, slots=True)
class Size:
    """How many pairs a count is worth.

    Attributes:
        pairs: Observed pairs.
        units: Independent ones at each position of `GRID`.
        null: Shuffled pairs, as many as are independent.
    """

    pairs: int
    units: tuple[float, ...]
    null: tuple[float, ...]


def size(pairs: int, units: int, effects: tuple[float, ...], shuffled: int) -> Size:
    """How many pairs are independent, by their units and by the design effects of copies.

    Args:
        pairs: Observed pairs.
        units: Independent units among them.
        effects: Design effect at each position of `GRID`.
        shuffled: Shuffled pairs.
    """
    worth = tuple(max(1.0, min(units, pairs / effect)) for effect in effects)
    return Size(pairs, worth, tuple(shuffled * w / pairs for w in worth))


def design_effect(low: Floats, left: Ints, right: Ints) -> float:
    """Variance of a mean over pairs that share values, by that over pairs that do not, at least 1.

    Args:
        low: What is averaged, ``(m,)``.
        left: Content of the left value, ``(m,)``.
        right: Likewise.
    """
    apart = low - low.mean()
    total = float((apart**2).sum())
    if total == 0:
        return 1.0
    both = np.unique(left * (int(right.max()) + 1) + right, return_inverse=True)[1]
    one, other, shared = (
        float((np.bincount(key, weights=apart) ** 2).sum()) for key in (left, right, both)
    )
    return max(1.0, (one + other - shared) / total)


def rate(position: Floats, at: float = 0.5) -> float:
    """Share of random mismatches if no matched pair stands below a position; may exceed 1."""
    return float((position <= at).mean() / at)


def upper(position: Floats, many: Size) -> float:
    """Upper confidence bound of the share of random mismatches, whatever matched pairs do.

    The smallest over `GRID` of Clopper and Pearson's bounds, each with its part of the error, and
    joined with that of the positions, which are of finitely many shuffled pairs.

    Args:
        position: Of each pair, ``(n,)``.
        many: How many pairs they are worth.
    """
    shares = tuple(float((position <= at).mean()) for at in GRID)
    return upper_of(shares, many.units, many.null)


def upper_of(shares: tuple[float, ...], units: tuple[float, ...], null: tuple[float, ...]) -> float:
    """The same from the shares of pairs below each position of `GRID`."""
    bound = 1.0
    for at, part, share, n, m in zip(GRID, SPLIT, shares, units, null, strict=True):
        tail = part * TAIL
        of_null = share * float(norm.isf(tail)) * math.sqrt((1.0 - at) / (at * m))
        bound = min(bound, (share + math.hypot(ends(share * n, n, tail)[1] - share, of_null)) / at)
    return bound


@dataclass(frozen=True, slots=True)
class Portion:
    """A part of the pairs, and at which positions matched pairs of it may be absent.

    Attributes:
        position: Of each pair of the part, ``(k,)``.
        size: How many pairs they are worth.
        grid: Positions of `GRID` that count.
    """

    position: Floats
    size: Size
    grid: tuple[float, ...] = GRID

    def shares(self, fewest: tuple[int, ...] = FEWEST) -> Iterator[tuple[float, float, float]]:
        """Position, share of the pairs below it, and independent pairs, where these are enough."""
        for at, n, least in zip(GRID, self.size.units, fewest, strict=True):
            if at in self.grid and n * at >= least:
                yield at, float((self.position <= at).mean()), n

    def lows(self, fewest: tuple[int, ...], tail: float = TAIL) -> Iterator[tuple[float, float]]:
        """Position, and the least share of all pairs that stands below it, at an error."""
        for at, share, n in self.shares(fewest):
            yield at, ends(share * n, n, tail)[0]


def lower(parts: Sequence[Portion]) -> float:
    """Lower confidence bound of the share of random mismatches.

    It needs that in some part, at some position, matched pairs do not look like strangers; then the
    part's mismatches are a lower bound of all if mismatch is random there. The smallest over parts
    and positions is taken: it is a bound if any one of them is, at the same error. It is no more
    than a weak comparison leaves of the first part, too.

    Args:
        parts: All pairs, and parts of them.

    Returns:
        The bound, in [0, 1]; 0 where there are too few pairs.
    """
    if not parts:
        return 0.0
    bounds = [low / at for part in parts for at, low in part.lows(FEWEST_BELOW)]
    return min(1.0, min(bounds, default=0.0), _unlike(parts[0]))


def _unlike(part: Portion) -> float:
    """Lower bound of mismatches where matched pairs look like strangers as normal scores do.

    The scores of matched pairs are taken for normal, of the same spread as those of strangers and
    above them as often as the pairs are. A share of mismatches is too small where that puts fewer
    below some position than surely stand there; each position has its part of the error.
    """
    above = float(part.position.mean())
    matched = np.clip((above - TRIED / 2.0) / (1.0 - TRIED), 0.5, 1.0 - 1e-9)
    apart = math.sqrt(2.0) * ndtri(matched)
    here = [at for at, _, _ in part.shares(FEWEST_BELOW)]
    bound = 0.0
    for at, low in part.lows(FEWEST_BELOW, TAIL / max(len(here), 1)):
        enough = TRIED * at + (1.0 - TRIED) * ndtr(ndtri(at) - apart) >= low
        bound = max(bound, float(TRIED[enough.argmax()]) if enough.any() else 1.0)
    return bound


def cautious(parts: Iterable[Portion]) -> float:
    """The share of random mismatches that no part and no position speaks against, in [0, 1].

    The smallest over both of the estimate plus one standard error, as Clopper and Pearson have it.
    """
    tops = [ends(share * n, n, ONE)[1] / at for part in parts for at, share, n in part.shares()]
    return float(min(1.0, min(tops, default=0.0)))


def graded(position: Floats, units: float) -> bool:
    """Whether fewer pairs stand in the far tail than a share of random mismatches would put there.

    Random mismatches are as frequent everywhere; matched pairs that are hardly recognised become
    rarer towards the tail.
    """
    at = FAR[0] if units >= CLOSE else FAR[1]
    near, middle = rate(position, at), rate(position)
    error = np.sqrt(max(near, 0.02) / at / units + middle * max(2.0 - middle, 0.0) / units)
    return bool(middle - near > max(2.0 * error, GRADED * middle))


def mismatches(listed: int, chance: float, rates: Estimate, pairs: int, null: float) -> Estimate:
    """Share of the pairs of a list that are random mismatches, with its 95 % prediction interval.

    Args:
        listed: Pairs of the list, at least 1.
        chance: Share of the shuffled pairs that the list would take.
        rates: Share of mismatches among all pairs, with its bounds.
        pairs: All pairs.
        null: Shuffled pairs.

    Returns:
        What is expected, and between what the share in this very list is.
    """
    taken = max(chance, 1.0 / null)  # a list that no shuffled pair is in may still take some
    value, most = (rates.value * pairs * one / listed for one in (chance, taken))
    of_null = most * float(norm.isf(TAIL)) * math.sqrt(max(1.0 - taken, 0.0) / (taken * null))
    expected = min(1.0, rates.value * chance), min(1.0, max(rates.value, 1.0 / pairs) * taken)
    below, above = (
        float(binom.ppf(tail, pairs, one)) / listed
        for tail, one in zip((TAIL, 1.0 - TAIL), expected, strict=True)
    )
    of_rate = (rates.value - rates.low) * pairs * chance, (rates.high - rates.value) * pairs * taken
    low = value - math.hypot(of_rate[0] / listed, max(value - below, 0.0), of_null)
    high = most + math.hypot(of_rate[1] / listed, max(above - most, 0.0), of_null)
    value = min(1.0, value)
    return Estimate(value, min(max(low, 0.0), value), min(max(high, value), 1.0), listed)
