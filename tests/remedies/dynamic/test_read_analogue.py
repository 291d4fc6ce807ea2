"""READ, row by row."""

import math

import numpy as np
import pytest
import torch

from mmaudit.remedies.context import TrainingSetup
from mmaudit.remedies.dynamic.read_analogue import AdaptedAttention, confidence_loss
from mmaudit.remedies.training import fit
from mmaudit.testing.remedies import answers, some_absent, toy

SETUP = TrainingSetup(width=8, steps=24, look=12, settings=((1e-2, 0.0),))


@pytest.fixture(scope="module")
def trained():
    data, bases = toy("class", 640, 1), {}
    adapted = fit("dynamic/read_analogue", data, 0, SETUP, bases)
    return adapted, bases["generic/self_attention", 0]


@pytest.mark.parametrize("top", [0.2, 1 / math.e, 0.5, 0.9])
def test_the_slope_of_the_loss_is_that_of_minus_p_log_p(top):
    answer = torch.tensor([[[top, 0.0]]], dtype=torch.float64, requires_grad=True)
    (slope,) = torch.autograd.grad(confidence_loss(answer).sum(), answer)
    assert math.isclose(slope[0, 0, 0], -math.log(top) - 1, abs_tol=1e-12)


def test_without_a_step_it_is_what_it_adapts(trained, monkeypatch):
    adapted, attention = trained
    rows = toy("class", 60, 2)
    monkeypatch.setattr(AdaptedAttention, "RATE", 0.0)
    own, before = (answers(f, rows.features, some_absent(rows)) for f in trained)
    assert np.allclose(own, before, atol=2e-6)
    assert adapted.facts.passes == attention.facts.passes


def test_a_step_makes_an_answer_surer_above_1_of_e_and_moves_it_by_its_rate(trained, monkeypatch):
    rows = toy("class", 1100, 2)
    present = some_absent(rows)
    before = answers(trained[1], rows.features, present).max(1)
    least = []
    for rate in (1e-4, 1e-3):
        monkeypatch.setattr(AdaptedAttention, "RATE", rate)
        moved = answers(trained[0], rows.features, present).max(1) - before
        assert (moved[before > 0.4] > -1e-6).all()
        least.append(moved[(before > 0.45) & (before < 0.9)].mean())
    assert math.isclose(least[1] / least[0], 10, rel_tol=0.2)
