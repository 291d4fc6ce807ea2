"""Policies that know what was damaged: chosen on other samples, and compared in pairs."""

import numpy as np
import pytest

from mmaudit.measures.intervals.bootstrap import unit_keys
from mmaudit.measures.trust.policies import FOLDS, gain, out_of_fold


def test_the_best_policy_is_chosen_on_other_samples():
    """Policies that differ by chance alone: the best in all is lucky, out of fold none is."""
    gains, lucky = [], []
    for seed in range(200):
        rng = np.random.default_rng(seed)
        right = rng.random((100, 5)) < 0.7
        keys = unit_keys(seed, [str(i) for i in range(100)])
        gains.append(out_of_fold(right, keys).mean() - 0.7)
        lucky.append(right.mean(0).max() - 0.7)
    assert np.mean(lucky) > 0.03
    assert abs(np.mean(gains)) < 0.01


def test_units_are_in_one_fold_and_order_does_not_matter():
    rng = np.random.default_rng(0)
    keys = np.repeat(unit_keys(0, [str(i) for i in range(40)]), 3)
    right = rng.random((120, 4)) < 0.6
    chosen = out_of_fold(right, keys)
    order = rng.permutation(120)
    assert (out_of_fold(right[order], keys[order]) == chosen[order]).all()
    assert FOLDS == 5


def test_a_gain_is_paired():
    """40 of 100 change, 30 for the better: .2, and surely more than nothing."""
    own, other = np.zeros(100), np.zeros(100)
    own[:10], other[10:40] = 1, 1
    more = gain(other, own, unit_keys(0, [str(i) for i in range(100)]))
    assert more.value == pytest.approx(0.2)
    assert 0 < more.low < 0.2 < more.high < 0.4
    assert more.n == 100
