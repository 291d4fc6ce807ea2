"""TMC's opinions: what is absent is no view, and evidence is never less for one more."""

import torch

from lane_batches import context, parameters, rows
from mmaudit.remedies.dynamic.tmc import TrustedViews


def answers(without=()):
    method, c = TrustedViews(), context("abc", anneal=0.5)
    p, batch = parameters(method, c), rows(c)
    present = {m: there & (m not in without) for m, there in batch.present.items()}
    with torch.no_grad():
        h = method.encoded(p, c, batch)
        return method, p, c, h, method.fuse(p, c, h, present)


def test_with_one_modality_it_is_that_modalitys_opinion():
    method, p, c, h, alone = answers(without="bc")
    alpha = method.views(p, c, h, {m: torch.ones(2, 16).bool() for m in "abc"})[0][:, :, 0] + 1
    assert torch.allclose(alone, alpha / alpha.sum(-1, keepdim=True), atol=1e-6)


def test_with_nothing_it_is_uniform():
    assert torch.allclose(answers(without="abc")[-1], torch.full((2, 16, 3), 1 / 3))


def test_the_divergence_grows_to_its_share_of_the_updates():
    method, c = TrustedViews(), context("ab", anneal=0.5)
    p, batch = parameters(method, c), rows(c)
    losses = []
    for c.step in (0, 25, 50, 75):
        losses.append(method.loss(p, c, batch).detach())
    none, half, whole, after = losses
    assert torch.allclose(half - none, (whole - none) / 2, atol=1e-5)
    assert torch.equal(whole, after)
