"""MMTM begins as concatenation, and lets each modality gate the others."""

import torch

from lane_batches import context, parameters, rows
from mmaudit.remedies.generic.mmtm import TransferModule
from mmaudit.remedies.method import Method


def test_it_begins_as_concatenation():
    method, c = TransferModule(), context("abc")
    p, batch = parameters(method, c), rows(c)
    h = method.encoded(p, c, batch)
    assert torch.allclose(
        method.logits(p, c, h, batch.present), Method().logits(p, c, h, batch.present)
    )


def test_one_modality_gates_another_once_gates_have_moved():
    method, c = TransferModule(), context("ab", seeds=(0,))
    p, batch = parameters(method, c), rows(c)
    p["excite.a.zero"] = torch.randn(1, 8, 8)
    h = method.encoded(p, c, batch)
    h["b"] = h["b"].detach().requires_grad_()
    gate = method.gates(p, c, h)["a"]
    assert torch.autograd.grad(gate.sum(), h["b"])[0].abs().sum() > 0
    assert 0 < gate.min() < gate.max() < 2
