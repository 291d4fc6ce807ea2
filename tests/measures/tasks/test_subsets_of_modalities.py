"""Numbers of all subsets: how often their intervals miss, simulated, also where all are alike."""

import math
from statistics import NormalDist

import numpy as np
import pytest

from mmaudit.measures.intervals.evidence import Mean
from mmaudit.measures.tasks.absence import subsets

SETS = 200
MOST = 0.025 + 3 * math.sqrt(0.025 * 0.975 / SETS)
ALIKE, APART = (0.9, 0.9, 0.9), (0.9, 0.7, 0.5)


def answers(rng, shares, n, size=1):
    """Right answers under each subset that vary together, by sample and by group."""
    level = np.array([NormalDist().inv_cdf(p) for p in shares])
    common = rng.normal(size=(n // size, 1)).repeat(size, axis=0)
    return common + rng.normal(size=(n, len(shares))) < math.sqrt(2) * level


def heights(right, groups=None):
    return [
        subsets.height(column.mean(), column.size, Mean(column, groups, 0, 1), right.shape[1])
        for column in right.T
    ]


@pytest.mark.parametrize("shares", [ALIKE, APART])
@pytest.mark.parametrize("size", [1, 4])
def test_each_end_misses_at_most_as_often_as_stated(shares, size):
    """In .000 to .027 of 1,500 sets a side (noise .004), 60 to 300 samples, 2 to 6 subsets."""
    rng, n = np.random.default_rng(2), 120
    groups = np.repeat(np.arange(n // size), size) if size > 1 else None
    every = answers(np.random.default_rng(9), shares, 200_000).all(axis=1).mean()
    found = {"worst": [], "equity": [], "certificate": []}
    for _ in range(SETS if size == 1 else SETS // 4):
        right = answers(rng, shares, n, size)
        found["worst"].append(subsets.worst(heights(right, groups), better="higher")[1])
        found["equity"].append(subsets.equity(heights(right, groups)))
        found["certificate"].append(subsets.certificate(right.all(axis=1), groups))
    truth = {"worst": min(shares), "equity": min(shares) / max(shares), "certificate": every}
    for name, estimates in found.items():
        assert np.mean([e.low > truth[name] + 1e-9 for e in estimates]) <= MOST, name
        assert np.mean([e.high < truth[name] - 1e-9 for e in estimates]) <= MOST, name
        assert all(e.low <= e.value <= e.high for e in estimates)


def test_the_worst_that_is_seen_is_below_the_worst_where_all_are_alike():
    """So the upper end of the worst row alone would miss; the one that is told does not."""
    rng, missed = np.random.default_rng(3), [0, 0]
    for _ in range(SETS):
        right = rng.random((150, 12)) < 0.9
        some = heights(right)
        at, worst = subsets.worst(some, better="higher")
        missed[0] += some[at].far[1] < 0.9
        missed[1] += worst.high < 0.9
    assert missed[0] > 0.1 * SETS
    assert missed[1] <= MOST * SETS


def test_of_errors_the_worst_is_the_largest_and_all_numbers_turn():
    some = [subsets.Height(v, 9, (v - 1, v + 1), (v - 2, v + 2), (v - 1, v + 1), (v - 2, v + 2))
            for v in (5.0, 8.0, 6.0)]  # fmt: skip
    at, worst = subsets.worst(some, better="lower")
    assert (at, worst.value, worst.low, worst.high) == (1, 8.0, 6.0, 9.0)
    at, worst = subsets.worst(some, better="higher")
    assert (at, worst.value, worst.low, worst.high) == (0, 5.0, 4.0, 7.0)
    equity = subsets.equity(some)
    assert equity.value == pytest.approx(5 / 8)
    assert (equity.low, equity.high) == (pytest.approx(4 / 9), 1.0)


def test_subsets_in_which_nothing_is_right_have_no_equity():
    assert subsets.equity(heights(np.zeros((50, 3), bool))) is None
