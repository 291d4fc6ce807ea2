"""Hybrid fusion is the mean of its two branches, and is trained by both."""

import torch

from lane_batches import context, parameters, rows
from mmaudit.remedies.control.concat_mlp import ConcatMLP
from mmaudit.remedies.control.hybrid import Hybrid
from mmaudit.remedies.control.late_mean import LateMean
from presences import there


def test_it_is_half_early_and_half_late():
    method, c = Hybrid(), context(seeds=(0,))
    p, batch = parameters(method, c), rows(c, 6)
    h = method.encoded(p, c, batch)
    some = there("110110", "101101")
    early, late = ConcatMLP().fuse(p, c, h, some), LateMean().fuse(p, c, h, some)
    assert torch.allclose(method.fuse(p, c, h, some), (early + late) / 2)


def test_its_loss_is_that_of_both_branches():
    method, c = Hybrid(), context(seeds=(0,))
    p, batch = parameters(method, c), rows(c, 6)
    both = ConcatMLP().loss(p, c, batch) + LateMean().loss(p, c, batch)
    assert torch.allclose(method.loss(p, c, batch), both)
