import torch

from lane_batches import context, parameters, rows
from mmaudit.remedies.balance.reconboost import EPOCHS, ReconciledBoosting, residual
from mmaudit.remedies.late import unimodal


def test_a_row_that_the_others_have_right_weighs_less():
    assert torch.equal(residual(torch.tensor([0.0, 1.0])), torch.tensor([5.0, 4.0]))


def test_phases_take_turns():
    """While boosting no modality learns through another; together all share one loss."""
    method, c = ReconciledBoosting(), context(agree=0.0, rows=16)
    p, batch = parameters(method, c), rows(c)
    for c.step in (0, EPOCHS, 2 * EPOCHS):
        gradients = method.gradients(p, c, batch)
        assert gradients["scale.one"].any() == (c.step == EPOCHS)
    c.step = EPOCHS
    h = method.encoded(p, c, batch)
    joint = c.losses(sum(unimodal(p, c, h).values()), batch.labels).mean(1)
    assert torch.allclose(method.loss(p, c, batch), joint)


def test_only_the_learner_has_a_gradient_of_agreement():
    method, c = ReconciledBoosting(), context("ab", agree=1.0)
    p, batch = parameters(method, c), rows(c)
    with torch.no_grad():
        own = unimodal(p, c, method.encoded(p, c, batch))
    gradients, plain_ones = (
        method.gradients(p, context("ab", agree=agree), batch)["unimodal.b.w"]
        for agree in (1.0, 0.0)
    )
    h = method.encoded(p, c, batch)
    answer = unimodal(p, c, h)["b"].softmax(-1)
    agreement = (answer - own["a"].softmax(-1)).square().sum(-1).mean(1).sum()
    true = torch.autograd.grad(agreement, p["unimodal.b.w"])[0]
    assert torch.allclose(gradients - plain_ones, true, atol=1e-6)
