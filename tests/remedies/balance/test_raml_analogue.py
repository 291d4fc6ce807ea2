import math

import torch

from lane_batches import context, parameters, rows
from mmaudit.remedies.balance.raml_analogue import RedundancyFusion, damaged, of_length


def test_encodings_have_one_length_and_gradients_across_it():
    f = torch.rand(2, 6, 8, generator=torch.Generator().manual_seed(0)).requires_grad_()
    out = of_length(f)
    assert torch.allclose(out.norm(dim=-1), torch.full((2, 6), math.sqrt(8)), atol=1e-5)
    weights = torch.randn(8, generator=torch.Generator().manual_seed(1))
    gradient = torch.autograd.grad((out * weights).sum(), f)[0]
    assert torch.allclose((gradient * f).sum(-1), torch.zeros(2, 6), atol=1e-5)
    assert not of_length(torch.zeros(1, 1, 4)).any()


def test_the_head_does_not_reach_the_encoders():
    method, c = RedundancyFusion(), context(weight=1.0)
    p, batch = parameters(method, c), rows(c)
    before = method.gradients(p, c, batch)
    with torch.no_grad():
        p["head.out.w"] *= 3
    after = method.gradients(p, c, batch)
    for name in p:
        assert torch.equal(before[name], after[name]) != name.startswith("head."), name


def test_damage_is_of_half_of_the_rows_and_of_every_way():
    c = context(seeds=(0,))
    g = torch.Generator().manual_seed(0)
    h = {m: of_length(torch.rand(1, 2000, 8, generator=g) + 0.1) for m in "ab"}
    out = damaged(c, h)["a"]
    same = (out == h["a"]).all(-1)[0]
    assert abs(float(same.float().mean()) - 0.61) < 0.06  # half, and one of five of the others
    absent = (out == 0).all(-1)[0]
    assert 0.06 < float(absent.float().mean()) < 0.17  # a tenth, and where every part is absent
    assert ((out == 0).any(-1)[0] & ~absent).any()


def test_where_nothing_is_damaged_whole_and_damaged_answers_are_one():
    method, c = RedundancyFusion(), context(weight=0.0)
    p, batch = parameters(method, c), rows(c)
    h = method.encoded(p, c, batch)
    out = damaged(c, h)
    same = torch.stack([(out[m] == h[m]).all(-1) for m in "ab"]).all(0)
    whole, worse = (method.logits(p, c, e, batch.present) for e in (h, out))
    assert torch.equal(whole[same], worse[same])
