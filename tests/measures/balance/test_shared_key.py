"""A key that carries something is measured; one that carries nothing raises no alarm."""

import numpy as np
import pytest

from mmaudit.measures.balance.shared_key import clustered, folds_of, shared_key, usable

N, CLASSES, FEATURES = 150, 3, 8


def planted(seed, values, effect):
    """Classes whose looks are moved by `effect` at each value of the key."""
    rng = np.random.default_rng(seed)
    labels, keys = rng.integers(0, CLASSES, N), np.arange(N) % values
    means = rng.normal(size=(CLASSES, FEATURES))
    moved = effect * rng.normal(size=(values, CLASSES, FEATURES))
    rows = means[labels] + moved[keys, labels] + rng.normal(size=(N, FEATURES))
    return rows, labels, keys


def measured(seed, values, effect):
    rows, labels, keys = planted(seed, values, effect)
    return shared_key(rows, labels, CLASSES, keys, np.random.default_rng(seed))


def test_what_a_key_gives_is_found():
    """In 5 of 6 sets of 6 values: right more often where they are shared, with 0 outside."""
    every = [measured(seed, 6, 1.5) for seed in range(6)]
    assert sum(m.gap.low > 0 and m.p_value <= 0.05 for m in every) >= 5
    for each in every:
        assert each.gap.value == pytest.approx(each.shared.value - each.apart.value)
        assert each.gap.n == 6


@pytest.mark.parametrize("values", [2, 6, 40])
def test_a_key_of_nothing_raises_no_alarm(values):
    """p <= .05 in 12 sets: 4 or more in 1 of 400 runs; with an interval above 0 fewer still."""
    every = [measured(seed, values, 0.0) for seed in range(12)]
    assert sum(m.p_value <= 0.05 for m in every) <= 3
    assert sum(m.p_value <= 0.05 and m.gap.low > 0 for m in every) <= 2


def test_folds_hold_whole_values_and_are_even():
    keys = np.repeat(np.arange(12), np.arange(1, 13))
    folds = folds_of(keys, np.random.default_rng(0))
    assert all(np.unique(folds[keys == k]).size == 1 for k in range(12))
    assert np.bincount(folds).tolist() == pytest.approx([15.6] * 5, abs=2)
    assert np.unique(folds_of(np.arange(9) % 3, np.random.default_rng(0))).size == 3


def test_classes_that_one_value_holds_are_not_usable():
    labels = np.array([0, 0, 0, 1, 1, 1, 1])
    keys = np.array([0, 0, 1, 0, 1, 1, 2])
    assert usable(labels, keys).tolist() == [False] * 3 + [True] * 4
    assert not usable(labels, labels).any()


def test_an_interval_over_values_is_that_of_their_means_where_they_are_as_large():
    numbers = np.repeat([0.1, 0.2, 0.6], 5)
    estimate = clustered(numbers, np.repeat([0, 1, 2], 5), -1.0)
    half = 4.302653 * np.std([0.1, 0.2, 0.6], ddof=1) / np.sqrt(3)
    assert (estimate.value, estimate.low) == pytest.approx((0.3, 0.3 - half))
    assert (estimate.high, estimate.n) == (pytest.approx(0.3 + half), 3)
