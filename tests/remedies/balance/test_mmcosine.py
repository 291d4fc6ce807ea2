import torch

from lane_batches import context, parameters, rows
from mmaudit.remedies.balance.mmcosine import CosineFusion


def test_the_length_of_an_encoding_says_nothing():
    method, c = CosineFusion(), context(scale=10.0)
    p, batch = parameters(method, c), rows(c)
    h = method.encoded(p, c, batch)
    before = method.logits(p, c, h, batch.present)
    after = method.logits(p, c, {**h, "a": 100 * h["a"]}, batch.present)
    assert torch.allclose(before, after, atol=1e-4)


def test_each_modality_says_as_much_as_the_scale_at_most():
    method, c = CosineFusion(), context("abc", scale=10.0)
    p, batch = parameters(method, c), rows(c)
    h = method.encoded(p, c, batch)
    for own in method.terms(p, c, h).values():
        assert own.abs().max() <= 10 * (1 + 1e-5)
    assert "head.b" not in p
