"""Shares: the exact test and interval of a probability, from how often it came true.

Both sides of the interval err at most at the stated level, whatever the probability and the
number of trials; the intervals of Wilson and Jeffreys, and mid-P, do not.

References:
    Clopper and Pearson 1934, "The use of confidence or fiducial limits illustrated in the case of
    the binomial", doi:10.1093/biomet/26.4.404
"""

import numpy as np

from mmaudit.arrays import Floats, Ints

FAR = 45.0  # standard deviations beyond which a binomial has no weight that a float64 can hold


def at_least(count: int, trials: int, share: float) -> float:
    """Probability of at least ``count`` successes in ``trials`` at a true ``share``.

    This is the p-value of "the true share is at most ``share``".

    Args:
        count: Successes, 0 to ``trials``.
        trials: Trials.
        share: True share, in [0, 1].

    Example:
        >>> round(at_least(3, 3, 0.5), 3)
        0.125
    """
    if count <= 0:
        return 1.0
    if share <= 0.0 or share >= 1.0:
        return float(share >= 1.0)
    logs = _log_weights(trials, share)
    places, weights = logs
    return float(min(1.0, weights[places >= count].sum()))


def at_most(count: int, trials: int, share: float) -> float:
    """Probability of at most ``count`` successes: the p-value of "the share is at least this"."""
    return at_least(trials - count, trials, 1.0 - share)


def ends(count: float, trials: float, tail: float = 0.025) -> tuple[float, float]:
    """Clopper-Pearson interval.

    Args:
        count: Successes; need not be whole, as for an effective number of trials.
        trials: Trials, at least 1.
        tail: Error on each side.

    Returns:
        Lower and upper end; the share itself lies between them.

    Example:
        >>> low, high = ends(0, 100)
        >>> low, round(high, 4)
        (0.0, 0.0362)
    """
    from scipy.special import betaincinv  # noqa: PLC0415  the gate decides by tails alone

    low = 0.0 if count <= 0 else float(betaincinv(count, trials - count + 1, tail))
    high = 1.0 if count >= trials else float(betaincinv(count + 1, trials - count, 1 - tail))
    return low, high


def _log_weights(trials: int, share: float) -> tuple[Ints, Floats]:
    """The binomial's places that have weight, and their probabilities."""
    centre, spread = trials * share, np.sqrt(trials * share * (1 - share))
    first = max(0, int(centre - FAR * spread - FAR))
    last = min(trials, int(centre + FAR * spread + FAR))
    places = np.arange(first, last + 1)
    steps = np.log((trials - places[1:] + 1) / places[1:]) + np.log(share) - np.log1p(-share)
    logs = np.concatenate([[0.0], np.cumsum(steps)])
    weights = np.exp(logs - logs.max())
    return places, weights / weights.sum()
