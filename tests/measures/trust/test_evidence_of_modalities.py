"""Subjective logic's uncertainty and Dempster's conflict against their definitions."""

import numpy as np
import pytest

from mmaudit.measures.trust.evidence import belief_conflict, vacuity


def test_uncertainty_is_what_beliefs_leave():
    evidence = np.random.default_rng(0).gamma(1.0, 3.0, (40, 2, 5))
    belief = evidence / (5 + evidence.sum(-1, keepdims=True))
    assert vacuity(evidence) == pytest.approx(1 - belief.sum(-1))
    assert vacuity(np.zeros((1, 4))).tolist() == [1.0]


def test_two_sure_views_that_contradict_conflict_as_in_tmc():
    """Evidence 40 against 40 of three classes."""
    evidence = np.array([[[40.0, 0.0, 0.0], [0.0, 40.0, 0.0]]])
    assert belief_conflict(evidence, np.ones((1, 2), bool)) == pytest.approx((40 / 43) ** 2)


def test_conflict_is_the_mean_over_pairs_that_are_there():
    rng = np.random.default_rng(1)
    evidence, present = rng.gamma(1.0, 3.0, (20, 3, 4)), np.ones((20, 3), bool)
    b = evidence / (4 + evidence.sum(-1, keepdims=True))
    naive = [
        np.mean([np.outer(x[i], x[j]).sum() - x[i] @ x[j] for i, j in ((0, 1), (0, 2), (1, 2))])
        for x in b
    ]
    assert belief_conflict(evidence, present) == pytest.approx(naive)
    present[:, 0], evidence[:, 0] = False, np.nan
    two = [np.outer(x[1], x[2]).sum() - x[1] @ x[2] for x in b]
    assert belief_conflict(evidence, present) == pytest.approx(two)
    present[:, 1] = False
    assert np.isnan(belief_conflict(evidence, present)).all()
