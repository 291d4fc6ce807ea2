"""Areas and conflict against their definitions, and intervals of areas by simulation."""

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from mmaudit.measures.trust.confidence import area, conflict, risk_coverage_area


def keys(n):
    return np.arange(n, dtype=np.uint64)


def test_the_area_is_that_of_the_roc_curve():
    rng = np.random.default_rng(0)
    wrong = rng.random(150) < 0.3
    unsure = np.round(rng.normal(size=150) + wrong, 1)  # with ties
    measured = area(wrong, unsure, keys(150))
    assert measured.value == pytest.approx(roc_auc_score(wrong, unsure), abs=1e-12)
    assert 0 <= measured.low < measured.value < measured.high <= 1
    assert area(np.zeros(30, bool), np.arange(30.0), keys(30)) is None


@pytest.mark.parametrize("group", [1, 4])
def test_the_area_errs_as_often_as_it_says(group):
    rng, sets, n, past = np.random.default_rng(1), 500, 160, np.zeros(2)
    units = np.repeat(np.arange(n // group, dtype=np.uint64), group)
    for _ in range(sets):
        common = np.repeat(rng.normal(size=n // group), group)
        wrong = np.repeat(rng.random(n // group) < 0.3, group)
        measured = area(wrong, common + rng.normal(size=n), units)
        past += measured.low > 0.5, measured.high < 0.5
    assert (past / sets <= 0.025 + 3 * np.sqrt(0.025 * 0.975 / sets)).all(), past / sets


def test_risk_over_coverage_is_the_mean_over_all_that_are_kept():
    rng = np.random.default_rng(2)
    unsure, wrong = rng.permutation(80) / 80.0, rng.random(80) < 0.3
    order = np.argsort(unsure)
    naive = np.mean([wrong[order[:k]].mean() for k in range(1, 81)])
    measured = risk_coverage_area(wrong, unsure, keys(80), 50)
    assert measured.point == pytest.approx(naive, abs=1e-12)
    e = measured.estimate()
    assert e.low <= e.value <= e.high


def test_answers_that_are_all_as_sure_have_the_mean_risk():
    wrong = np.arange(40) % 4 == 0
    assert risk_coverage_area(wrong, np.zeros(40), keys(40), 10).point == pytest.approx(0.25)


def test_conflict_is_the_mean_over_pairs():
    rng = np.random.default_rng(3)
    p, present = rng.dirichlet(np.ones(4), (20, 3)), np.ones((20, 3), bool)
    naive = np.mean([1 - (p[:, i] * p[:, j]).sum(1) for i, j in ((0, 1), (0, 2), (1, 2))], axis=0)
    assert conflict(p, present) == pytest.approx(naive)
    present[:, 0] = False
    assert conflict(p, present) == pytest.approx(1 - (p[:, 1] * p[:, 2]).sum(1))
    present[:, 1] = False
    assert np.isnan(conflict(p, present)).all()
