"""The variational gate: its divergence, and what becomes of it without spread."""

import torch

from lane_batches import context, parameters, rows
from mmaudit.remedies.dynamic.variational_gate_analogue import DrawnGate, divergence_from_standard


def test_divergence_is_that_of_normal_distributions():
    mean, log_variance = torch.tensor([[[0.4, -1.0]]]), torch.tensor([[[0.3, -0.8]]])
    own = torch.distributions.Normal(mean, (log_variance / 2).exp())
    exact = torch.distributions.kl_divergence(own, torch.distributions.Normal(0.0, 1.0)).sum(-1)
    assert torch.allclose(divergence_from_standard(mean, log_variance), exact)
    assert float(divergence_from_standard(torch.zeros(1, 1, 2), torch.zeros(1, 1, 2))) == 0


def test_without_spread_it_is_the_gate_itself():
    method, c = DrawnGate(), context(divergence=0.001)
    p, batch = parameters(method, c), rows(c)
    with torch.no_grad():
        p["variances.w"].zero_()
        p["variances.b"].fill_(-8)
        h = method.encoded(p, c, batch)
        gate = method.gate(p, c, h)[0].softmax(-1)
        summed = sum(gate[..., i : i + 1] * h[m] for i, m in enumerate("ab"))
        plain = (summed @ p["head.w"] + p["head.b"][:, None]).softmax(-1)
    assert torch.allclose(method.fuse(p, c, h, batch.present), plain, atol=2e-3)
