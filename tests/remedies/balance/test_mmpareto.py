import torch

from lane_batches import context, parameters, plain, rows
from mmaudit.remedies.balance.mmpareto import ParetoFusion, length, weights
from mmaudit.remedies.layers import flat
from mmaudit.remedies.method import trunk

A, B = torch.randn(2, 2000, 6, generator=torch.Generator().manual_seed(0)).unbind()


def test_clashing_gradients_agree_with_their_mixture_alike():
    first, second = (w / 2 for w in weights(A, B))
    mixture = first.unsqueeze(1) * A + second.unsqueeze(1) * B
    clash = (A * B).sum(1) < 0
    assert 0.3 < clash.float().mean() < 0.7
    size = mixture.square().sum(1)[clash]
    for gradient in (A, B):
        assert torch.allclose((mixture * gradient).sum(1)[clash], size, atol=1e-4)
    assert ((first > 0) & (first < 1))[clash].all()


def test_the_mixture_is_the_shortest():
    share = torch.linspace(0, 1, 1001).view(-1, 1, 1)
    grid = (share * A + (1 - share) * B).norm(dim=2).amin(0)
    first, second = (w.unsqueeze(1) / 2 for w in weights(A, B))
    clash = (A * B).sum(1) < 0
    assert torch.allclose((first * A + second * B).norm(dim=1)[clash], grid[clash], atol=1e-4)


def test_gradients_that_agree_are_summed():
    agree = (A * B).sum(1) > 0
    assert all((w == 1)[agree].all() for w in weights(A, B))
    assert (length(A, B)[agree] == 1).all()


def test_a_mixture_is_no_shorter_than_the_sum():
    first, second = weights(A, B)
    mixture = length(A, B).unsqueeze(1) * (first.unsqueeze(1) * A + second.unsqueeze(1) * B)
    assert (mixture.norm(dim=1) >= (A + B).norm(dim=1) * (1 - 1e-5)).all()


def test_no_encoder_goes_against_either_loss():
    method, c = ParetoFusion(), context(gamma=1.5, seeds=range(6))
    p, batch = parameters(method, c), rows(c)
    gradients, joint = method.gradients(p, c, batch), plain(method, p, c, batch)
    own = method.joint_and_own(p, c, batch)[1].sum()
    for m in "ab":
        names = [n for n in p if trunk(f"encoder.{m}", n)]
        step = flat([gradients[n] for n in names])
        unimodal = torch.autograd.grad(own, [p[n] for n in names], retain_graph=True)
        for loss in (unimodal, [joint[n] for n in names]):
            assert ((step * flat(loss)).sum(1) > 0).all()
    assert torch.allclose(gradients["head.a.w"], joint["head.a.w"], atol=1e-7)
    assert torch.equal(method.factors(p, c)["encoder.b"], torch.full((6,), 1.5))
