"""P-values of a family are corrected once, for the gate and for the audits."""

import numpy as np
import pytest
from scipy import stats

from mmaudit.bounds.corrections import benjamini_hochberg, holm


def rejected(p_values, alpha):
    return [p < alpha for p in holm(p_values)]


def test_holm_by_hand():
    assert rejected([0.01, 0.04, 0.03], 0.05) == [True, False, False]
    assert rejected([0.01, 0.02, 0.03], 0.05) == [True, True, True]
    assert rejected([], 0.05) == []
    assert holm([0.5, 0.9]) == [1.0, 1.0]


def test_benjamini_and_hochberg_are_those_of_scipy():
    p = np.random.default_rng(0).random(50) ** 3
    assert benjamini_hochberg(list(p)) == pytest.approx(stats.false_discovery_control(p))
    assert benjamini_hochberg([]) == []
