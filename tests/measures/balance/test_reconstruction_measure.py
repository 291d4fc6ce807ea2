"""How far filled values lie from the truth: closed forms, and how often the interval is wrong."""

import math

import numpy as np
import pytest

from mmaudit.measures.balance.reconstruction import reconstruction
from mmaudit.measures.intervals.bootstrap import unit_keys

SETS, DRAWS = 200, 100


def keys(n, seed=0):
    return unit_keys(seed, [str(i) for i in range(n)])


def test_the_numbers_are_those_of_the_sums():
    errors, baseline = np.array([1.0, 0.0, 3.0]), np.array([2.0, 4.0, 10.0])
    both = reconstruction(errors, baseline, keys(3), 50)
    assert both.r2.point == pytest.approx(1 - 4 / 16)
    assert both.error.point == pytest.approx(math.sqrt(4 / 16))


def test_a_perfect_imputer_and_the_mean_itself():
    baseline = np.random.default_rng(1).chisquare(3, 40)
    perfect = reconstruction(0 * baseline, baseline, keys(40), 50)
    assert (perfect.r2.point, perfect.error.point) == (1, 0)
    mean = reconstruction(baseline, baseline, keys(40), 50).r2.estimate()
    assert (mean.value, mean.low, mean.high) == (0, 0, 0)


def test_where_the_mean_is_right_there_is_nothing_to_judge():
    assert reconstruction(np.ones(5), np.zeros(5), keys(5), 50) is None


@pytest.mark.parametrize("share", [0.1, 1.0])
def test_either_side_is_wrong_as_rarely_as_it_says(share):
    """At most 3 %: of 200 sets 18 or more would be in 1 of 3,000 suites; at a share of 1 no gain."""
    wrong = np.zeros(2)
    for i in range(SETS):
        rng = np.random.default_rng([3, i])
        truth = rng.normal(size=(60, 2))
        guess = (1 - share) * truth + math.sqrt(share * (1 - share)) * rng.normal(size=(60, 2))
        errors, baseline = ((x**2).mean(1) for x in (truth - guess, truth))
        if share == 1:
            errors = ((truth - 0.3 * rng.normal(size=(60, 2))) ** 2).mean(1)
        wanted = share if share < 1 else 1.09
        e = reconstruction(errors, baseline, keys(60, i), DRAWS).r2.estimate()
        wrong += [e.low > 1 - wanted, e.high < 1 - wanted]
    assert wrong.max() <= 17, wrong
