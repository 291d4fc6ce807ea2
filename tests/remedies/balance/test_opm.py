import torch

from lane_batches import context, parameters, plain, rows
from mmaudit.remedies.balance.opm import PredictionModulation, chances


def test_only_what_is_ahead_is_dropped():
    drop = chances(torch.tensor([[1.0, 0.5, 1.0001, 3.0]]), 0.4)
    assert torch.equal(drop[0, :2], torch.zeros(2))
    assert abs(drop[0, 2] - 0.4) < 1e-3  # it jumps where a modality comes ahead
    assert torch.allclose(drop[0, 3], 0.4 * (1 + 0.5 * torch.tanh(torch.tensor(2.0))))


def test_without_chance_it_is_concatenation():
    method, c = PredictionModulation(), context(chance=0.0)
    p, batch = parameters(method, c), rows(c)
    joint = plain(method, p, c, batch)
    for name, gradient in method.gradients(p, c, batch).items():
        assert torch.allclose(gradient, joint[name], atol=1e-7), name


def test_what_is_ahead_learns_less():
    method, c = PredictionModulation(), context(chance=0.5)
    p, batch = parameters(method, c), rows(c, n=64)
    with torch.no_grad():  # ``a`` says the class
        batch.values["a"].zero_()
        batch.values["a"][..., :3] = 3 * torch.eye(3)[batch.labels]
        p["encoder.a.w"].zero_()
        p["head.a.w"].zero_()
        p["encoder.a.w"][:, :3, :3] = torch.eye(3)
        p["head.a.w"][:, :3] = torch.eye(3)
    dropped = [_dropped(method, p, c, batch) for c.step in range(20)]
    assert 4 < sum(dropped) < 20  # in seven of ten updates


def _dropped(method, p, c, batch):
    own, joint = method.gradients(p, c, batch), plain(method, p, c, batch)
    return not torch.allclose(own["head.b"][0], joint["head.b"][0], atol=1e-7)
