import torch

from lane_batches import context, parameters, plain, rows
from mmaudit.remedies.balance.pmr import PrototypicalRebalance, behind, distances


def test_an_encoding_at_its_class_is_nearest_to_it_and_its_gradient_is_finite():
    means = torch.randn(1, 3, 4, generator=torch.Generator().manual_seed(0))
    h = means.clone().requires_grad_()
    away = distances(h, means)
    assert torch.equal(away.argmin(-1), torch.arange(3).unsqueeze(0))
    assert torch.isfinite(torch.autograd.grad(away.sum(), h)[0]).all()


def test_what_is_best_is_not_drawn_and_the_others_by_how_far_they_are_behind():
    values = torch.tensor([[0.8, 0.5, 0.2]])
    assert torch.allclose(behind(values), torch.tensor([[0.0, 0.6, 1.0]]))


def test_the_first_epoch_is_concatenation_and_later_ones_draw():
    method, c = PrototypicalRebalance(), context(alpha=1.0, rows=32)
    p = parameters(method, c)
    for c.step in range(3):
        batch = rows(c, seed=c.step)
        own, joint = method.gradients(p, c, batch), plain(method, p, c, batch)
        same = all(torch.allclose(own[n], joint[n], atol=1e-7) for n in own)
        assert same == (c.step < 2)
        assert torch.allclose(own["head.a.w"], joint["head.a.w"], atol=1e-7)


def test_means_are_of_the_rows_of_a_class():
    method, c = PrototypicalRebalance(), context(alpha=1.0, rows=16)
    p, batch = parameters(method, c), rows(c)
    h = method.encoded(p, c, batch)["b"].detach()
    method.loss(p, c, batch)
    c.step = 1
    method.loss(p, c, batch)
    for lane in range(2):
        own = h[lane][batch.labels[lane] == 1].mean(0)
        assert torch.allclose(c.memory["means"]["b"][lane, 1], own, atol=1e-6)


def test_distances_are_euclidean():
    g = torch.Generator().manual_seed(0)
    h, means = torch.randn(2, 5, 4, generator=g), torch.randn(2, 3, 4, generator=g)
    assert torch.allclose(distances(h, means), torch.cdist(h, means), atol=1e-4)
