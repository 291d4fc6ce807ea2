"""Numbers of a table of seeds and samples by their influences."""

import numpy as np
import pytest

from mmaudit.measures.intervals.crossed import mean, of_groups
from mmaudit.measures.intervals.influences import crossed_mean


@pytest.fixture
def table():
    return np.random.default_rng(0).normal(size=(4, 60))


@pytest.mark.parametrize("groups", [None, np.arange(60) // 3])
def test_a_mean_of_all_is_the_mean_of_the_table(table, groups):
    one, other = crossed_mean(table, groups).estimate(), mean(of_groups(table, groups))
    assert np.allclose(
        [one.value, one.low, one.high, one.n], [other.value, other.low, other.high, other.n]
    )


def test_samples_without_a_value_have_no_say(table):
    some = np.where(np.arange(60) < 20, np.nan, table)
    one, other = crossed_mean(some, None), mean(table[:, 20:])
    assert np.isclose(one.value, other.value)
    assert one.units == 40
    estimate = one.estimate()
    assert np.isclose(estimate.high - estimate.low, other.high - other.low, rtol=0.05)


def test_a_mean_of_nobody_has_no_units(table):
    assert crossed_mean(np.full_like(table, np.nan), None).units == 0


def test_a_difference_of_what_is_alike_is_surely_0(table):
    one = crossed_mean(table, None)
    estimate = (one - one).estimate()
    assert abs(estimate.low) < 1e-6
    assert abs(estimate.high) < 1e-6


def test_an_interval_stays_within_bounds(table):
    estimate = crossed_mean(np.abs(table) / 10, None).estimate((0.075, 0.085))
    assert (estimate.low, estimate.high) == (0.075, 0.085)
