"""Deciding early: an anytime-valid test of a mean against a limit, by betting.

A bounded quantity is looked at sample by sample, as often as one likes, and the test stops as soon
as it knows on which side of the limit the mean is. On each side some gamblers start with a capital
of 1 that they share: on one side they bet that the mean is above the limit, on the other that it
is below. With x in [0, 1] and the limit m, a gambler's capital is

    above_t = prod (1 + l_i (x_i - m)),      below_t = prod (1 - l_i (x_i - m)),

where the stake l_i is fixed before x_i is seen and can lose at most half of the capital.

Why it is valid: if the mean is at the limit or on the other side, every factor is at most 1 in
expectation and none is negative, so the capital of a gambler is a nonnegative supermartingale, and
so is the mean of several. The chance that this mean *ever* reaches 1 / a is at most a (Ville's
inequality): looking often costs nothing, and neither does choosing the stakes by what was seen.

Why it is quick: a gambler with stake h / (running deviation), h = sqrt(2 log(1 / a) / T), is the
quickest there is where T samples decide. Nobody knows T, so one gambler is ready for each of T =
all samples, a half of them, a quarter and so on, down to a block. Sharing costs the logarithm of
how many there are, less what they win together; a single gambler who chases the running mean has
to learn the stake from the same samples, which costs more (three points from a limit: 10 to 20 %).

What is tested is the mean of what the samples were drawn from, as everywhere in a gate, and not
the mean of the samples at hand. So the bets are those for draws with replacement: a test without
would know the mean of the samples at hand once it has seen all of them, and call a model that is
exactly at its limit good or bad by the luck of the draw.

Samples have to come in an order that does not depend on their values, such as that of a keyed hash
of their ids.

References:
    Waudby-Smith and Ramdas 2024, "Estimating means of bounded random variables by betting",
    doi:10.1093/jrsssb/qkad009, arXiv:2010.09686 (predictable plug-in; mixtures of bets)
    Bonett and Price 2012, doi:10.3102/1076998611411915 (a sample at each bound, for the end)
"""

import math
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from scipy.special import log_ndtr

from mmaudit.arrays import Floats
from mmaudit.kernels import kernel

Limit = float | Floats
Decision = Literal["above", "below", "open"]
CAP = 0.5  # share of the capital that a gambler may lose at most in one bet
BOUND = 1.0  # samples that are thought to have been seen at each bound, for mean and variance
PRICE = math.log(2 / 0.04)  # log capital that the gamblers aim at; any number is valid
BLOCK = 128
FAR = 1e100  # of a capital, before it is written anew in another unit
CHANGED = ("total", "squares", "gains", "losses", "best_above", "best_below")
EARLY = 0.8  # share of the error level that is spent on looking early


@dataclass(frozen=True, slots=True)
class Bets:
    """Where the gamblers stand; `bet` makes the next state of it.

    Attributes:
        n: Samples seen.
        total: Sum of the samples, ``(test,)``.
        squares: Sum of their squares, ``(test,)``.
        boldness: Stake of each gambler times the deviation, ``(gambler,)``.
        gains: Log gain of each gambler who bets on above, ``(test, gambler)``.
        losses: The same of each who bets on below.
        best_above: Largest log capital that there ever was on the side of above, ``(test,)``.
        best_below: The same on the other side.
    """

    n: int
    total: Floats
    squares: Floats
    boldness: Floats
    gains: Floats
    losses: Floats
    best_above: Floats
    best_below: Floats

    @property
    def mean(self) -> Floats:
        """Mean of the samples and of those that are thought to have been seen, ``(test,)``."""
        return (self.total + BOUND) / (self.n + 2 * BOUND)

    @property
    def variance(self) -> Floats:
        """Their variance, above zero, ``(test,)``."""
        return _variance(self.total, self.squares, self.n)

    @property
    def above(self) -> Floats:
        """Log capital on the side of above, ``(test,)``."""
        return _shared(self.gains)

    @property
    def below(self) -> Floats:
        """Log capital on the side of below, ``(test,)``."""
        return _shared(self.losses)


def start(tests: int = 1, *, samples: int) -> Bets:
    """Before the first sample of some tests.

    Args:
        tests: How many tests run side by side.
        samples: How many samples there are; what the gamblers are ready for, and no bound.
    """
    halvings = max(0, int(math.log2(max(samples, 1) / BLOCK))) + 1
    horizons = max(samples, 1) / 2.0 ** np.arange(halvings)
    zero, even = np.zeros(tests), np.zeros((tests, halvings))
    return Bets(0, zero, zero, np.sqrt(2 * PRICE / horizons), even, even, zero, zero)


def bet(state: Bets, x: Floats, m: Limit) -> Bets:
    """Bet on the next samples, one after the other.

    Args:
        state: Where the gamblers stand.
        x: The next samples, ``(test, sample)``, in [0, 1].
        m: The limit, strictly between 0 and 1; one for all tests, or one each, ``(test,)``.

    Raises:
        ValueError: A sample lies outside of [0, 1], or the limit does not lie between.
    """
    line = np.broadcast_to(np.asarray(m, np.float64).reshape(-1, 1), (x.shape[0], 1))
    if not ((line > 0) & (line < 1)).all():
        raise ValueError("the limit must lie strictly between 0 and 1")
    if x.size and not (x.min() >= 0 and x.max() <= 1):
        raise ValueError("samples must lie in [0, 1]")
    copied = {name: getattr(state, name).copy() for name in CHANGED}
    _play(np.ascontiguousarray(x), line[:, 0], state.n, state.boldness, *copied.values())
    return replace(state, n=state.n + x.shape[1], **copied)


@kernel
def _play(
    x: Floats,
    m: Floats,
    n: int,
    boldness: Floats,
    total: Floats,
    squares: Floats,
    gains: Floats,
    losses: Floats,
    best_above: Floats,
    best_below: Floats,
) -> None:
    deviations = np.empty(x.shape[1])
    for test in range(x.shape[0]):
        for i in range(x.shape[1]):  # of what was seen before, and one more at each bound
            every = n + i + 2 * BOUND
            mean = (total[test] + BOUND) / every
            deviations[i] = math.sqrt((squares[test] + BOUND) / every - mean**2)
            total[test] += x[test, i]
            squares[test] += x[test, i] ** 2
        above, below = _gamble(x[test], m[test], deviations, boldness, gains[test], losses[test])
        best_above[test] = max(best_above[test], above)
        best_below[test] = max(best_below[test], below)


@kernel
def _gamble(
    x: Floats, m: float, deviations: Floats, boldness: Floats, gains: Floats, losses: Floats
) -> tuple[float, float]:
    """Move the log capitals of both sides on; returns the largest log of the mean of each."""
    high, low = gains.max(), losses.max()
    rich, poor = np.exp(gains - high), np.exp(losses - low)
    most_above, most_below = CAP / m, CAP / (1 - m)
    best_above = best_below = -np.inf
    top_above = top_below = 0.0  # largest sums since the scale was moved
    for i in range(x.size):
        step = x[i] - m
        above = below = 0.0
        for k in range(boldness.size):
            stake = boldness[k] / deviations[i]
            rich[k] *= 1 + min(stake, most_above) * step
            poor[k] *= 1 + min(stake, most_below) * -step
            above += rich[k]
            below += poor[k]
        if not 1 / FAR < above < FAR:
            best_above = max(best_above, _best(high, top_above, boldness.size))
            high, top_above, above = _moved(high, above, rich), 0.0, 1.0
        if not 1 / FAR < below < FAR:
            best_below = max(best_below, _best(low, top_below, boldness.size))
            low, top_below, below = _moved(low, below, poor), 0.0, 1.0
        top_above, top_below = max(top_above, above), max(top_below, below)
    _set_logs(gains, rich, high)
    _set_logs(losses, poor, low)
    best_above = max(best_above, _best(high, top_above, boldness.size))
    return best_above, max(best_below, _best(low, top_below, boldness.size))


@kernel
def _best(scale: float, top: float, size: int) -> float:
    """The log of a mean of capitals, of which there may be none yet."""
    return scale + math.log(top / size) if top > 0 else -np.inf


@kernel
def _moved(scale: float, together: float, capital: Floats) -> float:
    """Move the scale of capitals so that floats can hold them; they add up to 1 then."""
    capital /= together
    return scale + math.log(together)


@kernel
def _set_logs(logs: Floats, capital: Floats, scale: float) -> None:
    for k in range(capital.size):  # who has lost everything that can be told has lost for good
        logs[k] = scale + math.log(capital[k]) if capital[k] > 0 else -np.inf


def p_values(state: Bets, m: Limit) -> tuple[Floats, Floats]:
    """The fixed-sample test of all that was seen, for when the samples are used up.

    Returns:
        One-sided p-values of "the mean is not above the limit" and of "it is not below", each
        ``(test,)``: normal, with one more sample at each bound (Bonett and Price 2012).
    """
    z = (state.mean - m) / np.sqrt(state.variance / (state.n + 2 * BOUND))
    return np.exp(log_ndtr(-z)), np.exp(log_ndtr(z))


@dataclass(frozen=True, slots=True)
class Early:
    """An early decision.

    Attributes:
        decision: Whether the mean is above the limit, below it, or neither is shown.
        used: Samples that were looked at.
        early: Whether it was decided before the samples were used up.
    """

    decision: Decision
    used: int
    early: bool


def decide(
    values: NDArray[Any],
    *,
    limit: float,
    low: float,
    high: float,
    alpha: float = 0.05,
    block: int = BLOCK,
) -> Early:
    """Look at samples in blocks until it is known on which side of a limit their mean is.

    Args:
        values: The samples in an order that does not depend on their values, ``(sample,)``.
        limit: The limit, strictly between the bounds.
        low: Smallest value that a sample can have.
        high: Largest value that a sample can have.
        alpha: Chance of a wrong decision, on each side half of it, over all looks together.
        block: Samples between two looks.

    Returns:
        The decision; samples that are left are those that need no forward pass.
    """
    x = (np.asarray(values, np.float64) - low) / (high - low)
    m = (limit - low) / (high - low)
    state, price = start(samples=x.size), math.log(2 / (EARLY * alpha))
    for first in range(0, x.size, block):
        state = bet(state, x[None, first : first + block], m)
        if max(state.best_above[0], state.best_below[0]) >= price:
            which: Decision = "above" if state.best_above[0] >= price else "below"
            return Early(which, state.n, state.n < x.size)
    if not state.n:
        return Early("open", 0, early=False)
    above, below = (p[0] < (1 - EARLY) * alpha / 2 for p in p_values(state, m))
    return Early("above" if above else "below" if below else "open", state.n, early=False)


def _shared(logs: Floats) -> Floats:
    """Log of the mean capital of the gamblers, the last axis."""
    return np.asarray(np.logaddexp.reduce(logs, axis=-1) - math.log(logs.shape[-1]))


def _variance(total: Floats, squares: Floats, n: Any) -> Floats:
    """Variance of ``n`` samples and of those at the bounds, above zero."""
    every = n + 2 * BOUND
    return (squares + BOUND) / every - ((total + BOUND) / every) ** 2
