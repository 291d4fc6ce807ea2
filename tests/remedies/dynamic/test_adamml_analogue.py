"""A policy uses what pays, and always something."""

import torch

from lane_batches import context, parameters, rows
from mmaudit.remedies.dynamic.adamml_analogue import SkippingPolicy, used
from mmaudit.remedies.gates import straight_through, unimodal_costs


def test_where_nothing_is_used_the_best_of_what_is_there_is():
    scores = torch.tensor([[[2.0, -1, 3], [-3, -1, -2], [-3, 5, -2]]])
    there = torch.tensor([[[1.0, 1, 1], [1, 1, 1], [1, 0, 1]]])
    assert used(scores, there).tolist() == [[[1, 0, 1], [0, 1, 0], [0, 0, 1]]]


def test_a_decision_is_hard_and_its_gradient_soft():
    soft = torch.tensor([0.25], requires_grad=True)
    hard = straight_through(torch.tensor([1.0]), soft)
    hard.backward()
    assert (float(hard.detach()), float(soft.grad)) == (1, 1)


def test_costs_are_shares_of_multiplications():
    assert torch.allclose(unimodal_costs(context()), torch.tensor([8 / 15, 7 / 15]))


def test_cost_speaks_against_the_use_of_everything():
    method, c = SkippingPolicy(), context(cost=1e4)
    gradient = method.gradients(parameters(method, c), c, rows(c))["policy.b"]
    assert (gradient >= 0).all()
    assert (gradient > 0).any()
