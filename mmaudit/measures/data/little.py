"""Little's test: whether numbers are absent completely at random, by their means in each pattern.

If they are, samples of every pattern of absence have the same means. What it cannot see is absence
that changes spreads or joint laws alone, or that follows from the absent number itself where no
other number tells that.

References:
    Little 1988, "A test of missing completely at random for multivariate data with missing values",
    doi:10.1080/01621459.1988.10478722
    Dempster, Laird and Rubin 1977, doi:10.1111/j.2517-6161.1977.tb01600.x (EM)
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import special

from mmaudit.arrays import Bools, Floats, Ints

FEWEST = 30  # rows of a pattern; rows of a rarer one are not looked at
STEPS, FINE = 1_000, 1e-8  # of EM, and of a standard deviation, at which it ends
SINGULAR = 1e-8  # least eigenvalue of a correlation matrix


@dataclass(frozen=True, slots=True)
class LittleTest:
    """What the test says.

    Attributes:
        statistic: Sum over patterns of the squared Mahalanobis distances of their means, times
            their rows.
        degrees: Degrees of freedom of its chi-squared law if all is absent at random.
        p_value: Probability of a larger one by that law.
        patterns: Patterns that were compared.
        n: Their rows.
    """

    statistic: float
    degrees: int
    p_value: float
    patterns: int
    n: int


@dataclass(frozen=True, slots=True)
class _Pattern:
    """Rows with the same numbers present: how many, their means, and their spread about these."""

    there: Ints
    n: int
    mean: Floats
    scatter: Floats


def little_test(
    values: Floats, beside: Bools | None = None, fewest: int = FEWEST
) -> LittleTest | None:
    """Hold the means of each pattern against those of all, by maximum likelihood.

    Args:
        values: Numbers, ``(row, column)``; NaN where one is absent. Rows count as independent.
        beside: Whether what is not looked at by its numbers is there, ``(row, any)``: patterns
            differ by it, too.
        fewest: Rows from which a pattern is looked at.

    Returns:
        None where fewer than two patterns are left, where two columns are nowhere seen together,
        or where a column follows from others.
    """
    beside = np.zeros((len(values), 0), np.bool_) if beside is None else beside
    rows = ~np.isnan(values).all(axis=1)
    values, beside = values[rows], beside[rows]
    number, sizes = _patterns(np.concatenate([~np.isnan(values), beside], axis=1))
    rows = sizes[number] >= fewest
    if (sizes >= fewest).sum() < 2:
        return None
    values, number = values[rows], number[rows]
    values = values[:, ~np.isnan(values).all(axis=0)]
    spread = np.nanstd(values, axis=0)
    if not spread.all():
        return None
    values = (values - np.nanmean(values, axis=0)) / spread
    there = ~np.isnan(values)
    some = [*_summed(values, number)]
    together = there.T.astype(np.int64) @ there
    moments = _moments(some, values.shape[1]) if (together >= 2).all() else None
    return None if moments is None else _test(some, *moments)


def _test(some: Sequence[_Pattern], mean: Floats, covariance: Floats) -> LittleTest:
    statistic = 0.0
    for each in some:
        away = each.mean - mean[each.there]
        weighed = np.linalg.solve(covariance[np.ix_(each.there, each.there)], away)
        statistic += each.n * float(away @ weighed)
    degrees = sum(len(each.there) for each in some) - len(mean)
    p_value = float(special.chdtrc(degrees, statistic))
    return LittleTest(statistic, degrees, p_value, len(some), sum(each.n for each in some))


def _patterns(there: Bools) -> tuple[Ints, Ints]:
    """Number of the pattern of each row, ``(row,)``, and how many rows each has."""
    _, number, sizes = np.unique(there, axis=0, return_inverse=True, return_counts=True)
    return number.reshape(-1).astype(np.int64), sizes.astype(np.int64)


def _summed(values: Floats, number: Ints) -> Iterator[_Pattern]:
    for k in np.unique(number):
        rows = values[number == k]
        there = np.flatnonzero(~np.isnan(rows[0]))
        cells = rows[:, there]
        mean = cells.mean(axis=0)
        yield _Pattern(there, len(rows), mean, (cells - mean).T @ (cells - mean))


def _moments(some: Sequence[_Pattern], width: int) -> tuple[Floats, Floats] | None:
    """Mean and covariance of a normal law by maximum likelihood; None where one is singular."""
    n = sum(each.n for each in some)
    mean, covariance = np.zeros(width), np.eye(width)
    for _ in range(STEPS):
        sums, squares = np.zeros(width), np.zeros((width, width))
        for each in some:
            filled = _filling(each.there, covariance)
            middle = mean + filled @ (each.mean - mean[each.there])
            rest = covariance - filled @ covariance[each.there]
            sums += each.n * middle
            squares += filled @ each.scatter @ filled.T + each.n * (np.outer(middle, middle) + rest)
        before, mean = mean, sums / n
        last, covariance = covariance, squares / n - np.outer(mean, mean)
        if np.linalg.eigvalsh(covariance)[0] < SINGULAR:
            return None
        if max(np.abs(mean - before).max(), np.abs(covariance - last).max()) < FINE:
            break
    return mean, covariance


def _filling(there: Ints, covariance: Floats) -> Floats:
    """What turns numbers that are there into those expected of all columns, ``(column, there)``."""
    among = covariance[np.ix_(there, there)]
    return np.asarray(np.linalg.solve(among, covariance[there]).T, np.float64)
