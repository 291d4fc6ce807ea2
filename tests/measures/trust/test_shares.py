"""Shares of an answer and implied weights against what is known of late fusion."""

import numpy as np
import pytest

from mmaudit.measures.trust.shares import (
    centred_logs,
    implied_weights,
    lengths,
    log_odds,
    shares,
)


def softmax(z):
    powers = np.exp(z - z.max(-1, keepdims=True))
    return powers / powers.sum(-1, keepdims=True)


def test_implied_weights_are_those_of_late_fusion_of_logits():
    rng = np.random.default_rng(0)
    z = rng.normal(size=(50, 3, 8)) * rng.uniform(0.2, 4, size=(50, 3, 1))
    w = rng.dirichlet(np.ones(3), 50)
    whole = centred_logs(softmax((w[..., None] * z).sum(1)).astype(np.float32))
    alone = centred_logs(softmax(z).astype(np.float32))
    weights, fit = implied_weights(whole, alone, np.ones((50, 3), bool))
    assert np.abs(weights - w).max() < 1e-4
    assert fit.min() > 1 - 1e-9


def test_an_answer_that_is_no_sum_is_not_explained():
    rng = np.random.default_rng(1)
    alone, whole = rng.normal(size=(200, 2, 12)), rng.normal(size=(200, 12))
    _, fit = implied_weights(whole, alone, np.ones((200, 2), bool))
    assert fit.mean() == pytest.approx(2 / 12, abs=0.03)


def test_weights_that_nobody_could_tell_are_not_told():
    rng = np.random.default_rng(2)
    one = rng.normal(size=(20, 6))
    alike = np.stack([one, 2 * one], 1)
    assert np.isnan(implied_weights(one, alike, np.ones((20, 2), bool))[0]).all()
    few = rng.normal(size=(20, 2, 3))  # of three classes any answer is a sum of two
    assert np.isnan(implied_weights(few.sum(1), few, np.ones((20, 2), bool))[0]).all()


def test_an_absent_modality_has_neither_share_nor_weight():
    rng = np.random.default_rng(3)
    alone, present = rng.normal(size=(10, 3, 8)), np.ones((10, 3), bool)
    present[:, 1] = False
    weights, fit = implied_weights(0.3 * alone[:, 0] + 0.7 * alone[:, 2], alone, present)
    assert np.isnan(weights[:, 1]).all()
    assert weights[:, [0, 2]] == pytest.approx(np.tile([0.3, 0.7], (10, 1)))
    assert fit == pytest.approx(1)
    parts = shares(lengths(alone), present)
    assert np.isnan(parts[:, 1]).all()
    assert np.nansum(parts, axis=1) == pytest.approx(1)


def test_nothing_has_no_shares():
    assert np.isnan(shares(np.zeros((2, 2)), np.ones((2, 2), bool))).all()


def test_certain_answers_stay_finite():
    sure = np.array([[1.0, 0.0, 0.0]], np.float32)
    assert np.isfinite(centred_logs(sure)).all()
    assert np.isfinite(log_odds(sure)).all()
    assert centred_logs(np.full((1, 3), 1 / 3)) == pytest.approx(0)
