import torch

from lane_batches import context, parameters, plain, rows
from mmaudit.remedies.balance.unimodal_losses import UnimodalLosses
from mmaudit.remedies.late import LateFusion


def test_without_weight_it_is_concatenation():
    method, c = UnimodalLosses(), context(weight=0.0)
    p, batch = parameters(method, c), rows(c)
    own = method.gradients(p, c, batch)
    joint = plain(method, p, c, batch)
    for name, gradient in own.items():
        expected = torch.zeros_like(gradient) if joint[name] is None else joint[name]
        assert torch.allclose(gradient, expected, atol=1e-7), name


def test_own_heads_learn_as_in_late_fusion():
    method, c = UnimodalLosses(), context(weight=2.0)
    p, batch = parameters(method, c), rows(c)
    own = method.gradients(p, c, batch)["unimodal.a.w"]
    late = torch.autograd.grad(LateFusion().loss(p, c, batch).sum(), p["unimodal.a.w"])[0]
    assert torch.allclose(own, 2 * late, atol=1e-7)
