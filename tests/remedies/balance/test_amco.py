import torch

from lane_batches import context, parameters, rows
from mmaudit.remedies.balance.amco import AdaptiveMask, hidden_share, shares


def test_nothing_is_hidden_first_and_all_at_the_end_of_the_ramp():
    ramp = torch.tensor([0.3, 1.0])
    assert torch.equal(hidden_share(0.0, ramp), torch.zeros(2))
    assert torch.allclose(hidden_share(0.3, ramp), torch.tensor([1.0, 0.454]), atol=1e-3)
    assert torch.allclose(hidden_share(1.0, ramp), torch.ones(2))


def test_the_modality_of_large_logits_has_the_larger_share():
    both = shares({"a": torch.tensor([[[4.0, 0.0]]]), "b": torch.zeros(1, 1, 2)})
    assert both[0, 0] > 0.9
    assert torch.allclose(both.sum(-1), torch.ones(1))


def test_what_is_hidden_does_not_learn():
    method, c = AdaptiveMask(), context(ramp=0.3)
    p, batch = parameters(method, c), rows(c)
    with torch.no_grad():
        p["head.a.w"].abs_().mul_(20)
    c.step = 50
    gradients = method.gradients(p, c, batch)
    assert not gradients["encoder.a.w"].any()
    assert gradients["encoder.b.w"].any()
