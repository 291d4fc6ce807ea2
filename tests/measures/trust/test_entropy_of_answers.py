"""Entropy against a reference, and UNO's deviation ratio against its formula."""

import numpy as np
import pytest
from scipy import stats

from mmaudit.measures.trust.entropy import UsualEntropy, deviation_ratio, entropy, usual_entropy


def test_entropy_is_shannons_in_nats():
    p = np.random.default_rng(0).dirichlet(np.full(5, 0.3), 50)
    assert entropy(p) == pytest.approx(stats.entropy(p, axis=1), abs=1e-12)
    assert entropy(np.array([[0.0, 1.0, 0.0]])).tolist() == [0.0]
    assert entropy(np.full((1, 8), 0.125)) == pytest.approx(np.log(8))


def test_the_ratio_is_1_up_to_a_deviation_above_the_mean_and_falls_beyond():
    train = np.array([0.1, 0.3, 0.2, 0.4])
    usual = usual_entropy(train)
    assert (usual.mean, usual.n) == (pytest.approx(0.25), 4)
    assert usual.spread == pytest.approx(np.sqrt(0.0125))
    edge = usual.mean + usual.spread
    ratio = deviation_ratio(np.array([0.0, edge, edge + 0.25, edge + 0.75, np.nan]), usual)
    assert ratio[:4] == pytest.approx([1, 1, 1 / 2, 1 / 4])
    assert np.isnan(ratio[4])


def test_of_a_training_without_entropy_any_is_unusual():
    ratio = deviation_ratio(np.array([0.0, 0.1]), UsualEntropy(0.0, 0.0, 30))
    assert ratio.tolist() == [1.0, 0.0]
