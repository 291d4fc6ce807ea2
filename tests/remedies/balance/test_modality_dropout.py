import torch

from lane_batches import context, parameters, plain, rows
from mmaudit.remedies.balance.modality_dropout import ModalityDropout


def test_without_chance_it_is_concatenation():
    method, c = ModalityDropout(), context(chance=0.0)
    p, batch = parameters(method, c), rows(c)
    joint = plain(method, p, c, batch)
    for name, gradient in method.gradients(p, c, batch).items():
        assert torch.allclose(gradient, joint[name], atol=1e-7), name


def test_a_row_keeps_a_modality_and_loses_the_others_as_often_as_it_should():
    c = context("abc", chance=0.5, seeds=range(4))
    stays = c.drop(c.option("chance", 2), 4000).float()
    assert stays.sum(-1).min() == 1
    # at least one of three is there: .5 each, and where all were dropped (1 of 8) one of three
    assert abs(float(stays.mean()) - (0.5 + 1 / 24)) < 0.01


def test_what_is_absent_adds_nothing():
    method, c = ModalityDropout(), context(chance=0.5)
    p, batch = parameters(method, c), rows(c)
    h = method.encoded(p, c, batch)
    only = dict(batch.present) | {"b": torch.zeros_like(batch.present["b"])}
    alone = torch.bmm(h["a"], p["head.a.w"]) + p["head.b"].unsqueeze(1)
    assert torch.allclose(method.logits(p, c, h, only), alone, atol=1e-6)
