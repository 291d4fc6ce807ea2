"""Deciding early: an anytime-valid test of a mean against a limit, by betting.

A bounded quantity is looked at sample by sample, as often as one likes, and the test stops as soon
as it knows on which side of the limit the mean is. Two gamblers start with a capital of 1: one
bets that the mean is above the limit, one that it is below. If the mean is at the limit (or on the
other side), a gambler's capital is a supermartingale, so the chance that it *ever* reaches 1 / a is
at most a (Ville's inequality): looking often costs nothing.

With x in [0, 1] and the limit m, the capitals are

    above_t = prod (1 + l_i (x_i - m)),      below_t = prod (1 - l_i (x_i - m)),

where the stake l_i is fixed before x_i is seen: with the running mean u and variance v of the
samples before, l_i = clip(+-(u - m) / (v + (u - m)^2), 0, 1/2 of what could ruin the gambler).

Samples have to come in an order that does not depend on their values, such as that of a keyed hash
of their ids.

References:
    Waudby-Smith and Ramdas 2024, "Estimating means of bounded random variables by betting",
    doi:10.1093/jrsssb/qkad009, arXiv:2010.09686 (aGRAPA bets)
"""

import math
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

Limit = float | NDArray[np.float64]
Decision = Literal["above", "below", "open"]
CAP = 0.5  # share of the capital that a gambler may lose at most in one bet
PRIOR_MEAN, PRIOR_VARIANCE = 0.5, 0.25  # of the running moments, one sample's worth each
BLOCK = 256
EARLY = 0.8  # share of the error level that is spent on looking early


@dataclass(frozen=True, slots=True)
class Bets:
    """Where the two gamblers stand; `bet` makes the next state of it.

    Every array has one entry for each test that runs side by side, ``(test,)`` or a scalar.

    Attributes:
        n: Samples seen.
        total: Sum of the samples.
        squares: Sum of squared distances to the running mean.
        above: Log capital of the gambler who bets that the mean is above the limit.
        below: Log capital of the other.
        best_above: Largest that ``above`` ever was.
        best_below: Largest that ``below`` ever was.
    """

    n: int
    total: NDArray[np.float64]
    squares: NDArray[np.float64]
    above: NDArray[np.float64]
    below: NDArray[np.float64]
    best_above: NDArray[np.float64]
    best_below: NDArray[np.float64]


def start(tests: int = 1) -> Bets:
    """Before the first sample of some tests."""
    zero = np.zeros(tests)
    return Bets(0, zero, zero, zero, zero, zero, zero)


def bet(state: Bets, x: NDArray[np.float64], m: Limit) -> Bets:
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
    seen = state.n + np.arange(1, x.shape[1] + 1)
    sums = state.total[:, None] + np.cumsum(x, axis=1)
    mean = (PRIOR_MEAN + sums) / (seen + 1)
    squares = state.squares[:, None] + np.cumsum((x - mean) ** 2, axis=1)
    variance = (PRIOR_VARIANCE + squares) / (seen + 1)
    lead = _before(mean, (PRIOR_MEAN + state.total) / (state.n + 1)) - line
    spread = _before(variance, (PRIOR_VARIANCE + state.squares) / (state.n + 1))
    stake = lead / (spread + lead**2)
    step = x - line
    above = state.above[:, None] + np.cumsum(np.log1p(np.clip(stake, 0, CAP / line) * step), axis=1)
    down = np.clip(-stake, 0, CAP / (1 - line))
    below = state.below[:, None] + np.cumsum(np.log1p(-down * step), axis=1)
    return Bets(
        int(seen[-1]) if seen.size else state.n,
        _last(sums, state.total),
        _last(squares, state.squares),
        _last(above, state.above),
        _last(below, state.below),
        np.maximum(state.best_above, above.max(axis=1, initial=-np.inf)),
        np.maximum(state.best_below, below.max(axis=1, initial=-np.inf)),
    )


def decided(state: Bets, alpha: float) -> NDArray[np.int8]:
    """What is decided: 1 above the limit, -1 below it, 0 still open, ``(test,)``.

    Args:
        state: Where the gamblers stand.
        alpha: Chance of a wrong decision, on each side half of it, over all looks together.
    """
    line = math.log(2 / alpha)
    rich_above, rich_below = state.best_above >= line, state.best_below >= line
    # both can be rich after a change of fortune; the richer one now is believed
    both = np.where(state.above >= state.below, 1, -1)
    one = np.where(rich_above, 1, np.where(rich_below, -1, 0))
    return np.where(rich_above & rich_below, both, one).astype(np.int8)


def at_the_end(state: Bets, m: Limit, alpha: float) -> NDArray[np.int8]:
    """The fixed-sample decision for what is open when the samples are used up, ``(test,)``.

    1 where the normal interval of level ``1 - alpha`` lies above the limit, -1 below, else 0.
    """
    mean = state.total / state.n
    # the running squares shrink toward the prior; the difference vanishes with n
    half = ndtri(1 - alpha / 2) * np.sqrt(state.squares / max(state.n - 1, 1) / state.n)
    return ((mean - half > m).astype(np.int8) - (mean + half < m)).astype(np.int8)


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
        alpha: Chance of a wrong decision; a family of K shares it as ``alpha / K`` each.
        block: Samples between two looks.

    Returns:
        The decision; samples that are left are those that need no forward pass.
    """
    x = (np.asarray(values, np.float64) - low) / (high - low)
    m = (limit - low) / (high - low)
    names: dict[int, Decision] = {1: "above", -1: "below", 0: "open"}
    state = start()
    for first in range(0, x.size, block):
        state = bet(state, x[None, first : first + block], m)
        told = int(decided(state, EARLY * alpha)[0])
        if told:
            return Early(names[told], state.n, state.n < x.size)
    if not state.n:
        return Early("open", 0, early=False)
    told = int(at_the_end(state, m, (1 - EARLY) * alpha)[0])
    return Early(names[told], state.n, early=False)


def _before(running: NDArray[np.float64], first: NDArray[np.float64]) -> NDArray[np.float64]:
    """What was known before each sample: the running values, one sample late."""
    return np.concatenate([first[:, None], running[:, :-1]], axis=1)


def _last(running: NDArray[np.float64], before: NDArray[np.float64]) -> NDArray[np.float64]:
    return running[:, -1] if running.shape[1] else before
