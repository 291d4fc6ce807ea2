"""Answers are weighted by their maximum probability."""

import torch

from lane_batches import context, parameters, rows
from mmaudit.remedies.dynamic.mcp import MaximumProbability


def test_weights_are_maximum_probabilities_of_what_is_there():
    method, c = MaximumProbability(), context("abc")
    p, batch = parameters(method, c), rows(c)
    with torch.no_grad():
        h = method.encoded(p, c, batch)
        present = {**batch.present, "b": torch.zeros(2, 16).bool()}
        own = method.fuse(p, c, h, present)
        a, _, third = (z.softmax(-1) for z in method.unimodal(p, c, h).values())
        most = [x.amax(-1, keepdim=True) for x in (a, third)]
    assert torch.allclose(own, (most[0] * a + most[1] * third) / (most[0] + most[1]), atol=1e-6)
