import torch

from lane_batches import context, parameters, rows
from mmaudit.remedies.balance.cal_analogue import (
    ContributionGuided,
    contribution_weights,
    divergence,
)


def test_without_temperature_and_bottleneck_it_is_concatenation_with_longer_steps():
    method, c = ContributionGuided(), context(temperature=0.0, beta=0.0)
    p, batch = parameters(method, c), rows(c)
    h = method.encoded(p, c, batch)
    joint = c.losses(method.logits(p, c, h, batch.present), batch.labels).mean(1)
    assert torch.allclose(method.loss(p, c, batch), joint)
    assert all(torch.allclose(k, torch.full((2,), 1.5)) for k in method.factors(p, c).values())


def test_what_adds_more_and_is_surer_weighs_more():
    first, second = contribution_weights(
        torch.tensor([[0.4, 0.1]]), torch.tensor([[0.8, 0.2]]), 4.0
    )[0]
    assert torch.allclose(first, torch.tensor([4 * 0.9, 4 * 0.1]).softmax(0)[0])
    assert second < first


def test_divergence_of_normal_distributions():
    mean = torch.tensor([[[0.0, 0.5]]])
    log = torch.tensor([[[0.0, -1.0]]])
    normal = torch.distributions.Normal(mean, (log / 2).exp())
    standard = torch.distributions.Normal(torch.zeros(2), torch.ones(2))
    expected = torch.distributions.kl_divergence(normal, standard).sum(-1)
    assert torch.allclose(divergence(mean, log), expected, atol=1e-6)
    assert divergence(torch.zeros(1, 1, 3), torch.zeros(1, 1, 3)).item() == 0
