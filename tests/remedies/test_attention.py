"""Attention in lanes against its formula, and what masks keep out."""

import math

import pytest
import torch

from lane_batches import context, parameters, rows
from mmaudit.remedies.attention import (
    PIECES,
    apart,
    attention,
    beside,
    block,
    block_shapes,
    others,
    pieces,
    same,
)
from mmaudit.remedies.context import TrainingSetup
from mmaudit.remedies.generic.co_attention_analogue import CoAttention
from mmaudit.remedies.generic.cross_attention_analogue import CrossAttention
from mmaudit.remedies.generic.self_attention import SelfAttention
from mmaudit.remedies.generic.shared_transformer_analogue import SharedTransformer
from mmaudit.remedies.layers import initial
from planted_fusion import rights, synergy
from presences import there

METHODS = [SelfAttention, SharedTransformer, CrossAttention, CoAttention]


def test_equal_scores_read_the_mean_of_what_is_seen():
    query, key = torch.zeros(1, 2, 4), torch.randn(1, 3, 4)
    value = torch.tensor([[[1.0], [2.0], [30.0]]])
    sees = torch.tensor([[True, True, False], [False, False, False]])
    read = attention(query, key, value, sees)
    assert read[0, :, 0].tolist() == pytest.approx([1.5, 0.0])


def test_attention_is_its_formula():
    query, key, value = torch.randn(3, 1, 5, 4)
    scores = query @ key.transpose(-1, -2) / math.sqrt(4)
    every = torch.ones(5, 5, dtype=torch.bool)
    assert torch.allclose(attention(query, key, value, every), scores.softmax(-1) @ value)


def test_the_first_tokens_come_out_of_a_block_as_of_the_whole_one():
    p = initial(block_shapes("block", 8), [0, 1])
    tokens = torch.linspace(-1, 1, 2 * 5 * 3 * 8).sin().view(2, 5, 3, 8)

    def attend(query, key, value):
        return attention(query, key, value, torch.ones((), dtype=torch.bool))

    whole, first = block(p, "block", tokens, attend), block(p, "block", tokens, attend, first=2)
    assert first.shape == (2, 5, 2, 8)
    assert torch.allclose(first, whole[:, :, :2], atol=1e-6)


def test_pieces_stand_beside_one_another_and_come_apart():
    c = context("abc", seeds=(0,))
    h = {m: torch.randn(1, 5, 8) for m in "abc"}
    x = pieces(c, h)
    assert torch.equal(x[0, 1, 3].flatten(), h["b"][0, 3])
    assert torch.equal(apart(beside(x), 3), x)
    assert torch.equal(beside(x)[0, 3, PIECES : 2 * PIECES].flatten(), h["b"][0, 3])


def test_a_piece_reads_those_of_others_that_are_there():
    sees = others(torch.tensor([[[True, True, False]]]))[0, 0]
    own = same(3, PIECES)
    assert not (sees & own).any()
    assert sees[0].tolist() == [False] * PIECES + [True] * PIECES + [False] * PIECES


@pytest.mark.parametrize("method", METHODS)
def test_what_is_absent_has_no_gradient(method):
    method, c = method(), context("abc", seeds=(0,))
    p, batch = parameters(method, c), rows(c, 4)
    h = {m: x.detach().requires_grad_() for m, x in method.encoded(p, c, batch).items()}
    out = method.logits(p, c, h, there("1010", "1111", "0110"))
    slopes = torch.autograd.grad(out.square().sum(), [h["a"], h["c"]])
    a, last = (slope.abs().sum((0, 2)) > 0 for slope in slopes)
    assert a.tolist() == [True, False, True, False]
    assert last.tolist() == [False, True, True, False]


@pytest.mark.parametrize("method", METHODS)
def test_each_modality_changes_what_another_adds(method):
    """A term of both together: no sum of what each says by itself."""
    method, c = method(), context("ab", seeds=(0,))
    p, batch = parameters(method, c), rows(c, 4)
    h, zero = method.encoded(p, c, batch), torch.zeros(1, 4, 8)

    def out(a, b):
        return method.logits(p, c, {"a": a, "b": b}, there("1111", "1111"))

    together = out(h["a"], h["b"]) - out(zero, h["b"]) - out(h["a"], zero) + out(zero, zero)
    assert together.abs().max() > 1e-4


def test_with_equal_marks_shared_layers_do_not_tell_modalities_apart():
    method, c = SharedTransformer(), context("ab", seeds=(0,))
    p, batch = parameters(method, c), rows(c, 4)
    p |= {"mark.a": torch.zeros(1, 4), "mark.b": torch.zeros(1, 4)}
    h = method.encoded(p, c, batch)
    some = there("1011", "1101")
    turned = method.logits(p, c, {"a": h["b"], "b": h["a"]}, {"a": some["b"], "b": some["a"]})
    assert torch.allclose(method.logits(p, c, h, some), turned, atol=1e-6)


def test_modalities_with_their_layers_may_change_places():
    method, c = SelfAttention(), context("ab", seeds=(0,))
    p, batch = parameters(method, c), rows(c, 4)
    h, some = method.encoded(p, c, batch), there("1011", "1101")
    other = {_other_modality(name): value for name, value in p.items()}
    turned = method.logits(other, c, {"a": h["b"], "b": h["a"]}, {"a": some["b"], "b": some["a"]})
    assert torch.allclose(method.logits(p, c, h, some), turned, atol=1e-6)


def _other_modality(name):
    """The name of the same parameter of the other modality, where tokens are made."""
    first, *rest = name.split(".")
    if first not in ("token", "mark"):
        return name
    return ".".join([first, "ba"["ab".index(rest[0])], *rest[1:]])


@pytest.mark.slow
def test_attention_sees_synergy_and_a_sum_of_terms_does_not():
    """A class that is the product of two signs (P6); each half of the rows by chance."""
    setup = TrainingSetup(settings=((1e-2, 0.0),))
    attention_names = ["self_attention", "shared_transformer_analogue", "cross_attention_analogue"]
    names = [f"generic/{name}" for name in [*attention_names, "co_attention_analogue", "mmtm"]]
    right = rights(["control/concat", "control/concat_mlp", *names], synergy(0), setup, [0])
    assert right.pop("control/concat") < 0.6
    assert all(share > 0.85 for share in right.values()), right
