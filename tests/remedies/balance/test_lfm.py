import math

import pytest
import torch

from lane_batches import context, parameters, plain, rows
from mmaudit.remedies.balance.lfm import LabelFreeAlignment, divergence, schedule

BOTH = torch.ones(1, 1, 2)


def test_the_weight_falls_from_all_to_a_tenth():
    assert schedule(0) == 1
    assert schedule(1) == pytest.approx(0.1)
    assert all(schedule(k / 10) > schedule((k + 1) / 10) for k in range(10))


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [
        ([0.2, 0.3, 0.5], [0.2, 0.3, 0.5], 0.0),
        ([1.0, 0.0, 0.0], [0.0, 1.0, 0.0], math.log(2)),
        ([0.5, 0.5, 0.0], [1.0, 0.0, 0.0], (math.log(4 / 3) / 2 + math.log(4 / 3)) / 2),
    ],
)
def test_divergence_is_its_closed_form(a, b, expected):
    """Half of each divergence from the mean, summed."""
    answers = torch.tensor([[[a, b]]])
    assert divergence(answers, BOTH).item() == pytest.approx(expected, abs=1e-6)


def test_what_is_absent_is_not_aligned():
    answers = torch.tensor([[[[1.0, 0.0], [0.0, 1.0], [1.0, 0.0]]]])
    assert divergence(answers, torch.tensor([[[1.0, 0.0, 1.0]]])).item() == pytest.approx(0)
    assert divergence(answers, torch.tensor([[[1.0, 1.0, 0.0]]])).item() > 0.6


def test_without_weight_it_is_concatenation():
    method, c = LabelFreeAlignment(), context(align=0.0)
    p, batch = parameters(method, c), rows(c)
    joint = plain(method, p, c, batch)
    for name, gradient in method.gradients(p, c, batch).items():
        assert torch.allclose(gradient, joint[name], atol=1e-7), name
