import torch

from lane_batches import context, parameters, plain, rows
from mmaudit.remedies.balance.umt import UnimodalTeacher
from mmaudit.remedies.context import TrainingSetup
from mmaudit.remedies.training import fit
from mmaudit.testing.remedies import toy


def test_an_encoder_that_is_its_teacher_has_nothing_to_learn_from_it():
    method, c = UnimodalTeacher(), context(weight=50.0)
    p, batch = parameters(method, c), rows(c)
    c.base = {name: value.detach().clone() for name, value in p.items()}
    joint = plain(method, p, c, batch)
    for name, gradient in method.gradients(p, c, batch).items():
        assert torch.allclose(gradient, joint[name], atol=1e-6), name


def test_the_distance_is_the_mean_square_of_each_modality():
    method, c = UnimodalTeacher(), context(weight=2.0)
    p, batch = parameters(method, c), rows(c)
    c.base = {name: torch.zeros_like(value) for name, value in p.items()}
    h = method.encoded(p, c, batch)
    joint = c.losses(method.logits(p, c, h, batch.present), batch.labels).mean(1)
    away = sum(e.square().mean((1, 2)) for e in h.values())
    assert torch.allclose(method.loss(p, c, batch), joint + 2 * away, atol=1e-5)


def test_it_pays_for_its_teachers():
    data, setup = toy("class", 600, 1), TrainingSetup(width=4, steps=4, look=2)
    passes = [
        fit(f"balance/{name}", data, 0, setup).facts.passes
        for name in ("unimodal_losses", "umt", "mmpareto")
    ]
    assert passes == [24, 48, 48]  # 6 settings; teachers are a training more, two gradients too
