"""QMF's weights are pinned down, and fall as hardness rises."""

import math

import pytest
import torch

from mmaudit.remedies.dynamic.qmf import energy, misordered


def test_a_number_added_to_all_logits_changes_no_weight():
    z = torch.tensor([[[1.0, -2, 0.5]]])
    assert float(energy(z - 5)) == pytest.approx(float(energy(z)), abs=1e-6)


def test_the_least_weight_is_of_a_uniform_answer():
    assert float(energy(torch.zeros(1, 1, 7))) == pytest.approx(0.1 * math.log(7))


def test_an_equal_weight_of_a_harder_row_is_wrong_by_the_gap():
    weights = torch.tensor([[0.4, 0.4]], requires_grad=True)
    first = misordered(weights, torch.tensor([[1.0, 0]]), 1.0)[0, 0]
    first.backward()
    assert float(first.detach()) == 1
    assert weights.grad.tolist() == [[1, -1]]


def test_weights_in_order_by_the_gap_cost_nothing():
    weights, hardness = torch.tensor([[0.1, 0.6]]), torch.tensor([[1.0, 0]])
    assert misordered(weights, hardness, 0.5).tolist() == [[0, 0]]


def test_rows_of_one_hardness_cost_nothing():
    assert misordered(torch.rand(1, 5), torch.full((1, 5), 0.3), 1.0).abs().sum() == 0
