"""Little's test: known answers, its rate where absence is at random, and what it sees."""

import numpy as np
import pytest
from scipy import stats

from absent_values import in_blocks
from mmaudit.measures.data.little import little_test

SETS = 120


def test_of_two_columns_it_is_that_of_the_closed_form():
    """With one column whole the likelihood has its maximum where Anderson 1957 says."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=200)
    y = 0.5 * x + rng.normal(size=200)
    gone = rng.random(200) < 1 / (1 + np.exp(-x))
    one, other = x[~gone], y[~gone]
    slope = np.cov(one, other, bias=True)[0, 1] / one.var()
    mean = np.array([x.mean(), other.mean() + slope * (x.mean() - one.mean())])
    rest = other.var() - slope**2 * one.var()
    covariance = np.array([[1, slope], [slope, slope**2]]) * x.var() + np.diag([0, rest])
    away = np.array([one.mean(), other.mean()]) - mean
    want = one.size * away @ np.linalg.solve(covariance, away)
    want += gone.sum() * (x[gone].mean() - mean[0]) ** 2 / x.var()
    test = little_test(np.stack([x, np.where(gone, np.nan, y)], axis=1))
    assert test.statistic == pytest.approx(want, rel=1e-6)
    assert (test.degrees, test.patterns, test.n) == (1, 2, 200)
    assert test.p_value == pytest.approx(stats.chi2.sf(want, 1), rel=1e-4)


def test_of_whole_columns_and_a_flag_it_is_hotellings_without_its_correction():
    """d² of two parts is n T² / (n - 2 + T²), T² Hotelling's of the two means."""
    rng = np.random.default_rng(1)
    values, flag = rng.normal(size=(150, 3)), np.arange(150) < 50
    parts = values[flag], values[~flag]
    pooled = sum((len(p) - 1) * np.cov(p.T) for p in parts) / 148
    away = parts[0].mean(axis=0) - parts[1].mean(axis=0)
    square = 50 * 100 / 150 * away @ np.linalg.solve(pooled, away)
    test = little_test(values, flag[:, None])
    assert test.statistic == pytest.approx(150 * square / (148 + square))
    assert (test.degrees, test.patterns) == (3, 2)


@pytest.mark.parametrize("law", [np.array, np.exp])
def test_absence_at_random_is_seldom_called_another(law):
    """In .035 and .043 of 400 sets measured at .05; of 120 more than 18 are in 1 of 100,000 at .05."""
    p = [little_test(in_blocks(seed, 300, 6, law)).p_value for seed in range(SETS)]
    assert np.mean(np.array(p) <= 0.05) * SETS <= 18


def test_absence_that_follows_what_is_present_is_seen():
    assert little_test(in_blocks(0, 300, 6, np.array, drive=1.0)).p_value < 0.001


def test_order_units_and_further_rows_of_rare_patterns_change_nothing():
    values = in_blocks(3, 300, 6, np.array)
    first = little_test(values)
    mixed = values[np.random.default_rng(0).permutation(300)] * 10.0 ** np.arange(6) + 3
    rare = np.where(np.arange(6) % 2 == 0, np.full((5, 6), 9.0), np.nan)
    other = little_test(np.concatenate([mixed, rare]))
    assert other.statistic == pytest.approx(first.statistic, rel=1e-5)
    assert (other.patterns, other.n) == (first.patterns, first.n)


def test_it_says_nothing_where_it_cannot():
    rng = np.random.default_rng(0)
    whole = rng.normal(size=(100, 3))
    apart = whole.copy()
    apart[:50, 0], apart[50:, 1] = np.nan, np.nan  # never together
    doubled = in_blocks(0, 300, 6, np.array)
    doubled[:, 1] = doubled[:, 0]
    flat = in_blocks(0, 300, 6, np.array)
    flat[:, 0] = 1
    for values in (whole, apart, doubled, flat, np.full((50, 2), np.nan)):
        assert little_test(values) is None
