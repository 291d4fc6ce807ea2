import numpy as np
import pytest
import torch

from lane_batches import context, parameters, plain, rows
from mmaudit.remedies.balance.resampling import (
    ContributionResampling,
    contributions,
    modality_copies,
    row_copies,
    shapley,
)

RIGHT, WRONG = [1.0, 0.0], [0.0, 1.0]


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [
        ([2.0, 0.0], [1.0, 0.0], (1, 1)),  # each alone and both are right
        ([2.0, 0.0], WRONG, (1.5, 0.5)),  # both right, only a alone
        (RIGHT, [0.0, 2.0], (0.5, -0.5)),  # both wrong, only a alone right
        (WRONG, WRONG, (0, 0)),
    ],
)
def test_values_of_two_modalities(a, b, expected):
    terms = [torch.tensor([[x]]) for x in (a, b)]
    out = contributions(terms, torch.zeros(1, 1, 2), torch.zeros(1, 1, dtype=torch.long))
    assert out[0, 0].tolist() == pytest.approx(expected)


def test_values_sum_to_the_worth_of_all():
    worth = np.random.default_rng(0).normal(size=16)
    worth[0] = 0
    assert (worth @ np.array(shapley(4))).sum() == pytest.approx(worth[15])


def test_copies_by_value():
    values = torch.tensor([1.5, 1.0, 0.5, 0.0, -0.5])
    assert row_copies(values).tolist() == [0, 0, 1, 2, 3]


def test_the_modality_that_adds_least_is_shown_again():
    values = torch.tensor([[[1.5, 0.5], [1.0, 1.0]]])
    assert torch.allclose(modality_copies(values), torch.tensor([[[0.0, 1 / 3]] * 2]))


def test_it_begins_as_concatenation():
    method, c = ContributionResampling(), context(level=0.0)
    p, batch = parameters(method, c), rows(c)
    joint = plain(method, p, c, batch)
    for name, gradient in method.gradients(p, c, batch).items():
        assert torch.allclose(gradient, joint[name], atol=1e-7), name
    c.step = 50
    assert not torch.allclose(method.gradients(p, c, batch)["head.a.w"], joint["head.a.w"])
