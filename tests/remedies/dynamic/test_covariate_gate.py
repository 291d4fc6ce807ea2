"""A covariate moves weights where it says how good a row is, and only there."""

import pytest
import torch

from lane_batches import context, parameters, rows
from mmaudit.remedies.context import TrainingSetup
from mmaudit.remedies.dynamic.covariate_gate import CovariateGate, covariates
from planted_fusion import covariate, rights

SETUP = TrainingSetup(width=32, steps=200, settings=((1e-2, 0.0),))


def test_what_is_narrow_is_the_covariate():
    assert covariates(context("abc")) == ("c",)
    assert covariates(context("ac")) == ()  # one modality would be left


def gate(slope=0.0):
    """Weights of rows with a covariate ``c``, by its slope for ``a``, and the rows."""
    method, c = CovariateGate(), context("abc", alone=0.1)
    p, batch = parameters(method, c), rows(c)
    with torch.no_grad():
        p["slopes.b"][:, 0, 0] = slope
        return method.trust(p, c, method.encoded(p, c, batch), batch.present), batch


def test_it_begins_as_the_plain_mean_and_a_covariate_has_no_say():
    assert torch.allclose(gate()[0], torch.tensor([0.5, 0.5, 0]).expand(2, 16, 3))


def test_a_weight_follows_the_sign_of_its_slope():
    weights, batch = gate(2.0)
    order = batch.values["c"][0, :, 0].argsort()
    assert (weights[0, order, 0].diff() > 0).all()


def test_without_a_covariate_it_reads_sizes():
    method, c = CovariateGate(), context("ab")
    x = torch.tensor([[[4.0, -4, 0, 0, 0]]]).expand(2, 1, 5)
    hints = method.hints({}, c, "a", x)
    expected = torch.tensor([8 / 5, 2 / 5, (32 / 5) ** 0.5])
    assert torch.allclose(hints, expected.expand(2, 1, 3))


@pytest.mark.slow
def test_it_wins_by_a_covariate_that_says_something():
    names = ("control/late_mean", "dynamic/covariate_gate")
    late, gated = rights(names, covariate(0), SETUP, range(2)).values()
    assert gated > late + 0.02
    late, gated = rights(names, covariate(0, shuffled=True), SETUP, range(2)).values()
    assert abs(gated - late) < 0.02
