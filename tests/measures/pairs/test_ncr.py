import numpy as np
import pytest

from mmaudit.measures.pairs import ncr

S = np.array([[0.5, 0.4, 0.1], [0.2, 0.6, 0.55], [0.0, 0.3, 0.9]])


def test_soft_margins_by_hand():
    y = np.array([0.0, 0.5, 0.75, 1.0])
    np.testing.assert_allclose(ncr.soft_margin(y), [0, 0.04805, 0.10274, 0.2], atol=1e-5)
    np.testing.assert_allclose(ncr.soft_margin(y, shape="linear"), [0, 0.1, 0.15, 0.2])
    np.testing.assert_allclose(
        ncr.soft_margin(y, shape="sin"), [0, 0.1, 0.2 * (0.5 + 0.5 * 2**-0.5), 0.2], atol=1e-12
    )


def test_warmup_loss_by_hand():
    # row 0: left->right [.2-.5+.4, .2-.5+.1]+ = .1, 0; right->left [.2-.5+.2, .2-.5+0]+ = 0, 0
    # row 1: left->right [.2-.6+.2, .2-.6+.55]+ = 0, .15; right->left [-.4+.4, -.4+.3]+ = 0, 0
    # row 2: nothing
    np.testing.assert_allclose(ncr.warmup_loss(S), [0.1 / 3, 0.15 / 3, 0], atol=1e-12)


def test_the_margin_is_the_pairs_own_in_both_directions():
    margin = np.array([0.3, 0.1, 0.6])
    right, left = ncr.hinges(S, margin)
    for i in range(3):
        for j in range(3):
            own = 0 if i == j else max(0, margin[i] - S[i, i] + S[i, j])
            back = 0 if i == j else max(0, margin[i] - S[i, i] + S[j, i])
            assert right[i, j] == pytest.approx(own)
            assert left[i, j] == pytest.approx(back)


def test_hardest_hinges_by_hand():
    # row 0: .1 + 0; row 1: .15 + 0 (S_01 = .4: .2 - .6 + .4 = 0); row 2: 0 + 0 (.2 - .9 + .55 < 0)
    hardest = sum(side.max(1) for side in ncr.hinges(S))
    np.testing.assert_allclose(hardest, [0.1, 0.15, 0], atol=1e-12)


def test_prediction_by_hand():
    # q = clamp(.2 - loss / 2): .18333, .175, .2; the top 3 // 10 + 1 = 1 has mean .2
    np.testing.assert_allclose(ncr.prediction(S), [0.18333 / 0.2, 0.875, 1], atol=1e-4)


def test_rectified_label_by_hand():
    clean, own, other = (
        np.array([0.9, 0.5, 0.2]),
        np.array([0.5, 0.4, 0.1]),
        np.array([0, 0.6, 0.3]),
    )
    np.testing.assert_allclose(ncr.rectified_label(clean, own, other), [0.95, 0.5, 0.2])
