import torch

from lane_batches import context, parameters, rows
from mmaudit.remedies.balance.cggm import (
    LIMIT,
    SPEED,
    ClassifierGuided,
    balances,
    cosine,
    head_gradients,
)


def test_what_gained_less_weighs_more():
    assert torch.allclose(balances(torch.tensor([[0.3, 0.1]])), torch.tensor([[0.25, 0.75]]))
    assert torch.equal(balances(torch.zeros(1, 4)), torch.full((1, 4), 0.75))
    wild = balances(torch.tensor([[0.5, -0.4999]]))
    assert (wild >= 0).all()
    assert (wild <= LIMIT).all()


def test_gradients_of_heads_are_those_of_their_loss():
    method, c = ClassifierGuided(), context(direction=0.0)
    p, batch = parameters(method, c), rows(c)
    h = method.encoded(p, c, batch)
    logits = method.logits(p, c, h, batch.present)
    loss = c.losses(logits, batch.labels).mean(1).sum()
    for m, own in head_gradients(h, dict.fromkeys("ab", logits), batch.labels).items():
        true = torch.autograd.grad(loss, p[f"head.{m}.w"], retain_graph=True)[0]
        assert torch.allclose(own, true, atol=1e-6)
        assert torch.allclose(cosine(own, true), torch.ones(2), atol=1e-5)


def test_classifiers_that_look_on_do_not_reach_the_encoders():
    method, c = ClassifierGuided(), context(direction=0.0)
    p, batch = parameters(method, c), rows(c)
    joint = c.losses(method.logits(p, c, method.encoded(p, c, batch), {}), batch.labels).mean(1)
    true = torch.autograd.grad(joint.sum(), p["encoder.a.w"])[0]
    assert torch.allclose(method.gradients(p, c, batch)["encoder.a.w"], true, atol=1e-7)
    assert torch.equal(method.factors(p, c)["encoder.a"], torch.full((2,), SPEED / 2))
