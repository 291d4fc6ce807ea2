"""Bounds that a fresh sample clears: where a gate's own test puts its end in most fresh samples.

A bound at the edge of a run's interval is cleared by about half of the samples that are drawn
anew, since the gate passes a number only if its whole interval is within the bound. So a bound has
to leave room twice: for what this run's samples miss of the truth, and for what the fresh ones will
miss of it, with their own interval around that.

Shares are predicted by the beta-binomial, drops of shares by the Dirichlet-multinomial, with one
half more of each outcome than was seen (Jeffreys), and one more of the samples that are lost. The
mean of other bounded values is predicted by its own test with half as many samples, since two
samples err twice; what was seen is then weighed exponentially to have that mean, and the gate's end
is that of the weighed values. The mean of unbounded values is predicted likewise.

References:
    Hahn and Meeker 1991, "Statistical intervals", chapter 4 (prediction)
"""

import math
from dataclasses import replace

import numpy as np
from scipy.special import betaln, gammaln

from mmaudit.arrays import Bools, Floats, Ints
from mmaudit.bounds import drops, means, shares
from mmaudit.bounds.means import TAIL, Bounded
from mmaudit.bounds.smooth import Moments
from mmaudit.gate.limits import quantile
from mmaudit.gate.numbers.sampled import Sampled, Smooth

PRIOR = 0.5  # of each outcome, beside those that were seen
LOST = 1.0  # of the samples that are lost: the one that the gate's own test supposes
MARGIN = 0.85  # of the error of what is no share: its spread is predicted of the same samples
MOST_EVENTS = 400  # lost and won, up to which all outcomes of a fresh sample are looked at
NEGLIGIBLE = 1e-3  # of an error: the weight of outcomes that are not looked at
FRONTIER = 7  # outcomes at the edge of those that pass, of which the gate's end is computed
STEPS = 60  # of a bisection
CLOSE = 0.1  # of the way to the bound: values that reach no farther beyond a mean hardly bear it
WIDTH = 8.0  # exponents of the weights, in standard deviations of the mean


def bound(grounds: Sampled | Smooth, sign: int, error: float) -> float | None:
    """The limit that a fresh sample of as many units clears, but for this error.

    Args:
        grounds: What the number of the run rests on.
        sign: 1 for an upper limit, -1 for a lower one.
        error: How often an equally good fresh sample may not clear it, in (0, 0.5).

    Returns:
        The limit; None where a fresh sample may be one that a few values make, which no limit
        passes.
    """
    if isinstance(grounds, Smooth):
        return _of_moments(grounds, sign, error)
    if sign < 0:
        return -_highest(_mirrored(grounds.data), error)
    return _highest(grounds.data, error)


def _highest(data: Bounded, error: float) -> float:
    share = data.successes
    if share is not None:
        low, width = data.low, data.high - data.low
        return low + width * _of_share(*share, error)
    error *= MARGIN
    counts = _lost_and_won(data)
    if counts is not None and sum(counts[:2]) <= MOST_EVENTS:
        return data.high * _of_drop(*counts, error)
    return _of_values(data, error)


def _mirrored(data: Bounded) -> Bounded:
    return replace(data, values=-data.values, low=-data.high, high=-data.low)


def _of_share(count: int, trials: int, error: float) -> float:
    """Upper limit of a share: the exact end at the most events that a fresh sample has."""
    places = np.arange(trials + 1)
    chance = _beta_binomial(places, trials, count + PRIOR, trials - count + PRIOR)
    most = int(np.searchsorted(np.cumsum(chance), 1 - error))
    return shares.ends(min(most, trials), trials, TAIL)[1]


def _beta_binomial(places: Ints, trials: int | Ints, a: float, b: float) -> Floats:
    """Probabilities of as many successes in as many trials, of a beta-distributed share."""
    ways = gammaln(trials + 1.0) - gammaln(places + 1.0) - gammaln(trials - places + 1.0)
    return np.asarray(np.exp(ways + betaln(places + a, trials - places + b) - betaln(a, b)))


def _lost_and_won(data: Bounded) -> tuple[int, int, int] | None:
    """How many single samples are at either bound and how many at 0, if all are."""
    low, high = data.low, data.high
    single = bool((data.sizes == 1.0).all())
    if not single or low != -high or not np.isin(data.values, (low, 0.0, high)).all():
        return None
    lost, won = (round(float(data.counts[data.values == v].sum())) for v in (high, low))
    return lost, won, data.units


def _of_drop(lost: int, won: int, samples: int, error: float) -> float:
    """Upper limit of a drop: the gate's end at the edge of what fresh samples lose and win."""
    won_rows = _likely(samples, won + PRIOR, samples - won + LOST + PRIOR, error)
    lost_rows = _likely(samples, lost + LOST, samples - lost + 2 * PRIOR, error)
    c, b = won_rows[:, None], lost_rows[None, :]
    chance = _beta_binomial(won_rows, samples, won + PRIOR, samples - won + LOST + PRIOR)
    rest = samples - lost - won + PRIOR
    room = np.maximum(samples - c, b)
    cells = chance[:, None] * _beta_binomial(b, room, lost + LOST, rest)
    cells = np.where(b + c <= samples, cells, 0.0)
    ends = drops.upper_ends(lost_rows, won_rows, samples)
    order = np.argsort(ends, axis=None)
    passing = np.cumsum(cells.ravel()[order])
    last = order[: int(np.searchsorted(passing, 1 - error)) + 1]
    inside = np.zeros(cells.size, np.bool_)
    inside[last] = True
    edge = _edge(inside.reshape(cells.shape), cells)
    return max(_end(drops.drop(int(lost_rows[j]), int(won_rows[i]), samples)) for i, j in edge)


def _edge(inside: Bools, cells: Floats) -> list[tuple[int, int]]:
    """Of the wins that weigh most, the cell with the most losses that is inside, some of them."""
    rows = np.flatnonzero(inside.any(axis=1))
    weight = np.cumsum(cells[rows].sum(axis=1))
    picks = np.searchsorted(weight, weight[-1] * (np.arange(FRONTIER) + 0.5) / FRONTIER)
    last = inside.shape[1] - 1 - np.argmax(inside[:, ::-1], axis=1)
    return [(int(rows[k]), int(last[rows[k]])) for k in sorted(set(picks.tolist()))]


def _likely(trials: int, a: float, b: float, error: float) -> Ints:
    """Numbers of successes, all but a negligible part of those that an error counts."""
    places = np.arange(trials + 1)
    chance = np.cumsum(_beta_binomial(places, trials, a, b))
    first = int(np.searchsorted(chance, NEGLIGIBLE * error))
    last = int(np.searchsorted(chance, 1 - NEGLIGIBLE * error))
    return places[first : min(last, trials) + 1]


def _of_values(data: Bounded, error: float) -> float:
    """Upper limit of a mean of bounded values: predicted with half the units, then its end."""
    counts, normal = np.append(data.counts / 2, PRIOR), quantile(error)

    def excess(limit: float) -> float:
        rest = data.values - limit * data.sizes
        return means.star(np.append(rest, (data.high - limit) * data.unseen), counts) - normal

    mean = means.edge(excess, data.mean, data.high)
    return _end(_weighed(data, mean))


def _end(data: Bounded) -> float:
    """The upper end that the gate has of a mean."""
    normal = quantile(TAIL)
    return means.edge(lambda x: means.statistic(data, x, 1) - normal, data.mean, data.high)


def _weighed(data: Bounded, mean: float) -> Bounded:
    """As many units whose mean is this one, the unit that was not seen among them."""
    size = data.unseen
    values, sizes, counts = data.values, data.sizes, data.counts
    if float((values / sizes).max()) < mean + CLOSE * (data.high - mean):
        values, sizes = np.append(values, data.high * size), np.append(sizes, size)
        counts = np.append(counts, PRIOR)
    beyond = values - mean * sizes
    spread = math.sqrt(float(counts @ beyond**2)) or 1.0
    low, high = 0.0, WIDTH / spread
    while _balance(beyond, counts, high) < 0 and high * float(beyond.max()) < 500:
        high *= 2
    for _ in range(STEPS):
        middle = (low + high) / 2
        low, high = (middle, high) if _balance(beyond, counts, middle) < 0 else (low, middle)
    weights = counts * np.exp(high * (beyond - beyond.max()))
    weights *= data.counts.sum() / weights.sum()
    some = weights > 1e-12
    return replace(data, values=values[some], sizes=sizes[some], counts=weights[some])


def _balance(beyond: Floats, counts: Floats, exponent: float) -> float:
    """Which side of 0 the weighed sum is on."""
    return float(counts * np.exp(exponent * (beyond - beyond.max())) @ beyond)


def _of_moments(grounds: Smooth, sign: int, error: float) -> float | None:
    """Limit of a mean of unbounded values; its spread grows with it where values are sizes."""
    data = grounds.data
    if data.units < 2 * data.enough:
        return None
    half = replace(data, units=data.units // 2)
    mean = half.ends(error)[sign > 0]
    grows = mean / data.mean if grounds.one_sided and data.mean > 0 else 1.0
    fresh = Moments(mean, data.spread * max(grows, 1.0), data.skewness, data.units)
    return fresh.ends(TAIL)[sign > 0]
