"""Rebuilding with uncertainty: its likelihood, its descent, and what it is sure of."""

import numpy as np
import pytest
import torch
from scipy.stats import spearmanr

from lane_batches import context, parameters, rows
from mmaudit.remedies.context import TrainingSetup
from mmaudit.remedies.dynamic import dua_nets_analogue
from mmaudit.remedies.dynamic.dua_nets_analogue import (
    LEAST,
    MOST,
    Descent,
    UncertainRebuilding,
    gaussian,
)
from mmaudit.remedies.training import fit_seeds
from planted_fusion import loud_noise, right, rights


def test_the_best_variance_is_the_squared_distance():
    away = torch.tensor([0.1, 1.0, 7.0])
    logs = away.log().requires_grad_()
    assert torch.autograd.grad(gaussian(away, logs).sum(), logs)[0].abs().max() < 1e-6
    more = (logs + 1).detach().requires_grad_()
    slope = torch.autograd.grad(gaussian(away, more).sum(), more)[0]
    assert torch.allclose(slope, torch.full((3,), 0.5 - 0.5 / np.e))


def test_the_first_step_is_its_closed_form(monkeypatch):
    """From 0, where nothing is rebuilt and every variance is 1: back through both networks."""
    monkeypatch.setattr(dua_nets_analogue, "DESCENT", 1)
    method, c = UncertainRebuilding(), context("ab", stride=0.3)
    p, batch = parameters(method, c), rows(c)
    expected = torch.zeros(2, 16, 4)
    for m, x in batch.values.items():
        rebuilt, unsure = (p[f"{w}.{m}.w"] @ p[f"{w}.{m}.out.w"] for w in ("rebuilt", "unsure"))
        expected += 0.3 * x @ rebuilt.transpose(1, 2) / x.shape[-1]
        half = (1 - x.square().mean(-1, keepdim=True)) / 2
        expected -= 0.3 * half @ unsure.transpose(1, 2)
    latent = method.descended(p, c, dict(batch.values), batch.present)
    assert torch.allclose(latent, expected, atol=1e-6)


@pytest.mark.parametrize("spread", [1, 20])  # with 20 some variances are at their limits
def test_the_slope_is_that_of_automatic_gradients(spread):
    method, c = UncertainRebuilding(), context("ab", stride=0.3)
    p, batch = parameters(method, c), rows(c)
    p = {n: spread * x.detach() if n.startswith("unsure") else x.detach() for n, x in p.items()}
    h, latent = dict(batch.values), torch.linspace(-2, 2, 2 * 16 * 4).view(2, 16, 4)
    present = {"a": torch.arange(16)[None] > 3, "b": torch.arange(16)[None] < 12}
    logs = method.variances(p, c, latent)
    assert bool((logs == LEAST).any() and (logs == MOST).any()) == (spread == 20)
    latent.requires_grad_()
    (expected,) = torch.autograd.grad(method.unlikely(p, c, latent, h, present).sum(), latent)
    slope = Descent(p, c, h, present).slope(latent.detach().transpose(1, 2)).transpose(1, 2)
    assert torch.allclose(slope, expected, rtol=1e-4, atol=1e-5)


def test_the_descent_makes_what_is_there_likelier():
    method, c = UncertainRebuilding(), context("ab", stride=0.3)
    p, batch = parameters(method, c), rows(c)
    h = dict(batch.values)
    before, after = (
        method.unlikely(p, c, latent, h, batch.present)
        for latent in (torch.zeros(2, 16, 4), method.descended(p, c, h, batch.present))
    )
    assert (after < before).all()


def test_labels_do_not_change_how_modalities_are_rebuilt():
    method, c = UncertainRebuilding(), context("ab", stride=0.3)
    p, batch = parameters(method, c), rows(c)
    own = method.gradients(p, c, batch)
    batch.labels[:] = batch.labels.flip(1)
    other = method.gradients(p, c, batch)
    for name, gradient in own.items():
        assert torch.equal(gradient, other[name]) == (not name.startswith("head")), name


@pytest.mark.slow
def test_it_is_unsure_of_what_is_loud_and_gains_by_it():
    """P1: measured 8 points over a network on both, and correlations of .8 with loudness."""
    setup, planted = TrainingSetup(width=32, steps=250, settings=((1e-2, 0.0),)), loud_noise(0)
    plain = rights(["control/concat_mlp"], planted, setup, [0])["control/concat_mlp"]
    (fitted,) = fit_seeds("dynamic/dua_nets_analogue", planted.train, [0], setup)
    assert right(fitted, planted.test) > plain + 0.04
    h = {m: fitted.encode(m, x) for m, x in planted.test.features.items()}
    trust = fitted.trust(h, planted.test.present)
    loudness = [np.log(np.square(h[m]).mean(1)) for m in "ab"]
    assert spearmanr(trust[:, 0], loudness[1] - loudness[0])[0] > 0.5
