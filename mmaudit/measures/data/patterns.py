"""Patterns: whether samples of a part fall into categories as the others do.

The statistic is Pearson's, of the shares of the part beside those of all. If the part's units are
drawn as the others, every choice of as many is as likely: its p-value is that of drawn choices,
right whatever the shares are. A unit is a sample, or what a group has inside or outside the part.

References:
    Pearson 1900, doi:10.1080/14786440009463897
    Phipson and Smyth 2010, doi:10.2202/1544-6115.1585 (p-values of drawn choices)
"""

import numpy as np

from mmaudit.arrays import Bools, Floats, Ints

DRAWS = 999


def exchanged(
    categories: Ints, inside: Bools, groups: Ints | None, rng: np.random.Generator
) -> float:
    """Probability of shares that are as far off, if all choices of the part are as likely.

    Args:
        categories: Category of each sample, ``(n,)``, from 0.
        inside: Which samples are in the part, ``(n,)``.
        groups: Number of each sample's group, ``(n,)``; None where each stands alone.
        rng: Draws choices.

    Returns:
        At least 1 / (1 + `DRAWS`); 1 where all are inside or outside, or of one category.
    """
    total = np.bincount(categories).astype(np.float64)
    count = int(inside.sum())
    if count in {0, len(inside)} or np.count_nonzero(total) < 2:
        return 1.0
    own = np.bincount(categories[inside], minlength=total.size)
    if groups is None:
        drawn = rng.multivariate_hypergeometric(total.astype(np.int64), count, DRAWS)
    else:
        drawn = _drawn_units(categories, inside, groups, total.size, rng)
    observed, others = (_apart(some, total) for some in (own[None], drawn))
    above = int((others >= observed[0] * (1 - 1e-9)).sum())
    return (1 + above) / (1 + DRAWS)


def _drawn_units(
    categories: Ints, inside: Bools, groups: Ints, width: int, rng: np.random.Generator
) -> Ints:
    """Counts of each category in drawn choices of as many units, ``(DRAWS, category)``."""
    _, unit = np.unique(groups * 2 + inside, return_inverse=True)
    unit = unit.reshape(-1)
    units = int(unit.max()) + 1
    counts = np.bincount(unit * width + categories, minlength=units * width).reshape(units, width)
    several = np.unique(unit[inside]).size
    return np.stack([counts[rng.permutation(units)[:several]].sum(axis=0) for _ in range(DRAWS)])


def _apart(counts: Ints, total: Floats) -> Floats:
    """Pearson's statistic of shares beside those of all, for each row of counts, ``(m,)``."""
    some = total > 0
    shares, of_all = counts[:, some] / counts.sum(axis=1, keepdims=True), total[some] / total.sum()
    return np.asarray((np.square(shares - of_all) / of_all).sum(axis=1))
