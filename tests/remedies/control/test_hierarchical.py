"""Modalities are joined two by two; each of them, and each pair, has a say."""

import pytest
import torch

from lane_batches import context, parameters, rows
from mmaudit.remedies.control.hierarchical import Hierarchical


@pytest.mark.parametrize(("modalities", "joins"), [("ab", 1), ("abc", 2)])
def test_there_is_one_join_less_than_modalities(modalities, joins):
    method, c = Hierarchical(), context(modalities)
    assert (
        sum(name.endswith(".w") and name.startswith("joint") for name in method.shapes(c)) == joins
    )


def test_every_modality_reaches_the_answer():
    method, c = Hierarchical(), context("abc")
    p, batch = parameters(method, c), rows(c)
    for x in batch.values.values():
        x.requires_grad_()
    out = method.logits(p, c, method.encoded(p, c, batch), batch.present)
    slopes = torch.autograd.grad(out.square().sum(), list(batch.values.values()))
    assert all(float(slope.abs().sum()) > 0 for slope in slopes)
