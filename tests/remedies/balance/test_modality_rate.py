import torch

from lane_batches import context, parameters, plain, rows
from mmaudit.remedies.balance.modality_rate import FASTEST, SLOWEST, TrackedRates, rates


def test_rates_are_inverse_to_progress():
    assert torch.allclose(rates(torch.tensor([[0.6, 0.2]])), torch.tensor([[0.5, 1.5]]))
    assert torch.equal(rates(torch.tensor([[0.4, 0.4, 0.4]])), torch.ones(1, 3))


def test_rates_have_limits():
    extreme = rates(torch.tensor([[1.0] * 9 + [-3.0]]))
    assert extreme.min() >= SLOWEST
    assert extreme.max() <= FASTEST


def test_without_power_it_is_concatenation():
    method, c = TrackedRates(), context(power=0.0)
    p, batch = parameters(method, c), rows(c)
    own, joint = method.gradients(p, c, batch), plain(method, p, c, batch)
    for name in joint:
        if joint[name] is not None:
            assert torch.equal(own[name], joint[name]), name
    assert all(torch.equal(k, torch.ones(2)) for k in method.factors(p, c).values())
