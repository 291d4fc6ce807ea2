import numpy as np
import torch

from lane_batches import context, parameters, rows
from mmaudit.remedies.balance.gradient_blending_analogue import BlendedFusion, HeadLosses, blend


def curves(learned, aside, error=1e-9):
    learned, aside = torch.tensor([learned]), torch.tensor([aside])
    return HeadLosses(learned, aside, torch.full_like(aside, error))


def test_weights_overfit_least_for_what_they_gain():
    """Among random weights none has less overfitting, squared, for what it gains, squared."""
    gained, overfitted = torch.tensor([0.5, 0.2, 0.3]), torch.tensor([0.3, 0.1, 0.05])
    before = curves([1.0, 1.0, 1.0], [1.0, 1.0, 1.0])
    now = HeadLosses(
        1 - (gained + overfitted).unsqueeze(0), 1 - gained.unsqueeze(0), torch.full((1, 3), 1e-9)
    )
    own = blend(before, now)[0].numpy()
    others = np.random.default_rng(0).dirichlet(np.ones(3), 20000)

    def cost(w):
        return ((w * overfitted.numpy()) ** 2).sum(-1) / (w * gained.numpy()).sum(-1) ** 2

    assert own.sum() == np.float32(1)
    assert cost(own) <= cost(others).min() * (1 + 1e-5)


def test_a_head_that_gains_nothing_has_no_weight_and_none_that_do_are_alike():
    before = curves([1.0, 1.0], [1.0, 1.0])
    assert torch.equal(blend(before, curves([0.5, 0.2], [0.8, 1.1])), torch.tensor([[1.0, 0.0]]))
    assert torch.equal(blend(before, curves([0.5, 0.2], [1.0, 1.1])), torch.tensor([[0.5, 0.5]]))


def test_overfitting_counts_as_its_error_at_least():
    before = curves([1.0, 1.0], [1.0, 1.0])
    now = curves([0.8, 0.8], [0.8, 0.8], error=0.1)  # no overfitting at all
    assert torch.allclose(blend(before, now), torch.tensor([[0.5, 0.5]]))


def test_rows_that_are_held_aside_are_not_learned_from():
    method, c = BlendedFusion(), context(rows=32)
    p, batch = parameters(method, c), rows(c, n=32)
    before = method.gradients(p, c, batch)
    batch.values["a"][:, ::8] += 5
    after = method.gradients(p, c, batch)
    assert all(torch.equal(before[name], after[name]) for name in p)
