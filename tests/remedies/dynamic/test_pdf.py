"""PDF's beliefs, their calibration, and the weights that come of them."""

import pytest
import torch

from mmaudit.remedies.dynamic.pdf import beliefs, relative, shares

SURE = torch.tensor([[[0.9, 0.5, 0.2]]])
ALL = torch.ones(1, 1, 3)


def test_what_is_added_is_the_share_of_doubt_of_the_others():
    added = (beliefs(SURE, ALL) - SURE)[0, 0]
    assert added.tolist() == pytest.approx([0.956, 0.712, 0.332], abs=5e-4)
    assert float(added.sum()) == pytest.approx(2)  # one less than modalities


def test_equal_confidence_is_equal_weight():
    weights = shares(beliefs(torch.full((1, 1, 3), 0.7), ALL), ALL)[0, 0]
    assert weights.tolist() == pytest.approx([1 / 3] * 3)


def test_what_is_absent_has_no_weight_and_no_doubt():
    there = torch.tensor([[[1.0, 1, 0]]])
    both = beliefs(SURE[..., :2], ALL[..., :2])
    assert torch.allclose(beliefs(SURE, there)[..., :2], both)
    assert shares(beliefs(SURE, there), there)[0, 0, 2] == 0


def test_certainty_of_all_is_a_number():
    assert beliefs(torch.ones(1, 1, 3), ALL).isfinite().all()


def test_only_the_less_certain_is_calibrated():
    p = torch.tensor([[[0.9, 0.5], [0.05, 0.3], [0.05, 0.2]]])[None].reshape(1, 1, 3, 2)
    far = (p - 1 / 3).abs().mean(2)[0, 0]
    factors = relative(p, torch.ones(1, 1, 2))[0, 0]
    assert factors.tolist() == pytest.approx([1, float(far[1] / far[0])])
