"""A family of early decisions: which of several limits are crossed, erring at one level in all.

Every row of a family has gamblers of its own (`mmaudit.measures.sequential.betting`). A row is
*past* its limit when those who bet on it are rich enough to convince about every set of
rows that it is in, and it *keeps* its limit when those who bet on that own 2 / a.

Why it is valid: if all rows of some set keep their limits, the capital of each, bet on in the same
order of samples, is a supermartingale with regard to what was answered so far, whatever the rows
have to do with each other, and so is their mean over the set. So each set is tested by the mean
capital of its rows, at level a / 2 and at any time, and a row is past its limit only if every set
with it is rejected (closed testing): the chance that any row is ever wrongly called past its limit
is at most a / 2. What was rejected stays so; a row that was called past its limit takes all sets
with it along, so those that are left pay only for each other.

All rows together keep their limits only if each does, which needs no correction: to say so
wrongly, the row that does not keep it has to be taken for one that does (Berger 1982).

References:
    Marcus, Peritz, Gabriel 1976, doi:10.1093/biomet/63.3.655 (closed testing)
    Vovk and Wang 2021, "E-values: calibration, combination and applications", section 5,
    doi:10.1214/20-AOS2020 (the mean merges e-values under any dependence)
    Berger 1982, doi:10.2307/1267823 (intersection-union test)
"""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mmaudit.arrays import Floats

PAST, OPEN, KEPT = 1, 0, -1
RICHEST = 50.0  # log of the largest capital, in prices, that counts for other rows


def look(
    state: NDArray[np.int8],
    past: Floats,
    best_past: Floats,
    best_kept: Floats,
    *,
    alpha: float,
    ready: Any = True,
) -> NDArray[np.int8]:
    """Decide what can be decided now.

    Args:
        state: What was decided before: 1 past the limit, -1 kept, 0 open, ``(…, row)``.
        past: Log capital of those who bet that the row is past its limit; as it was when the row
            was decided, where it was, ``(…, row)``.
        best_past: The largest that it ever was.
        best_kept: The same of those who bet that the row keeps its limit.
        alpha: Chance that any row is wrongly past or all are wrongly kept, half of it each, over
            all looks together.
        ready: Whether a row may be decided, ``(…, row)``.

    Returns:
        What is decided now, as ``state``.
    """
    price = math.log(2 / alpha)
    may = (state == OPEN) & ready
    bad = may & rejected(past - price, best_past - price, state != PAST)
    good = may & (best_kept >= price)
    return _written(state, bad, good)


def rejected(now: Floats, best: Floats, standing: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Closed testing by mean capitals.

    The poorest set of s rows with row i is i and the s - 1 poorest others. From the poorest row
    up, the mean of the poorest s only grows, so sets that reach beyond row i itself follow from
    the one that ends with it.

    Args:
        now: Log capital of each row, over the price of a single test, ``(…, row)``.
        best: The largest that it ever was, likewise.
        standing: Rows that were not rejected before.

    Returns:
        Which of those that stand are rejected.
    """
    owned = np.where(standing, np.exp(np.minimum(now, RICHEST)), np.inf)
    order = np.argsort(owned, axis=-1, kind="stable")
    sorted_ = np.take_along_axis(owned, order, axis=-1)
    poorer = np.cumsum(sorted_, axis=-1)
    poorer = np.concatenate([np.zeros_like(poorer[..., :1]), poorer[..., :-1]], axis=-1)
    owed = np.maximum.accumulate(np.arange(1, owned.shape[-1] + 1) - poorer, axis=-1)
    rich = np.empty_like(standing)
    np.put_along_axis(rich, order, sorted_ >= owed, axis=-1)
    # a row that once could pay for all sets alone has rejected them all then
    alone = best >= np.log(np.maximum(standing.sum(axis=-1, keepdims=True), 1))
    return standing & (rich | alone)


def end(
    state: NDArray[np.int8], p_past: Floats, p_kept: Floats, *, alpha: float, ready: Any = True
) -> NDArray[np.int8]:
    """Decide what is open when the samples are used up, by tests of all of them.

    Holm's procedure over the rows that were not called past their limits, each without a
    correction for having kept it.

    Args:
        state: What was decided before, ``(…, row)``.
        p_past: One-sided p-value of "the row is not past its limit", ``(…, row)``.
        p_kept: One-sided p-value of "it does not keep its limit".
        alpha: Chance of error, as in `look`.
        ready: Whether a row may be decided, ``(…, row)``.

    References:
        Holm 1979, "A simple sequentially rejective multiple test procedure"
    """
    may = (state == OPEN) & ready
    p = np.where(may, p_past, np.where(state == PAST, -1.0, 1.0))
    order = np.argsort(p, axis=-1, kind="stable")
    rows = np.arange(p.shape[-1], 0, -1)  # rejected ones come first and are not counted
    passed = np.logical_and.accumulate(
        np.take_along_axis(p, order, axis=-1) < alpha / 2 / rows, axis=-1
    )
    bad = np.empty_like(may)
    np.put_along_axis(bad, order, passed, axis=-1)
    return _written(state, may & bad, may & (p_kept < alpha / 2))


def _written(
    state: NDArray[np.int8], bad: NDArray[np.bool_], good: NDArray[np.bool_]
) -> NDArray[np.int8]:
    """What was decided, and what is new; of a change of fortune the worse is believed."""
    return np.where(bad, PAST, np.where(good, KEPT, state)).astype(np.int8)
