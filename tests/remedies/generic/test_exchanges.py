"""Channels, tokens and gates that are exchanged: exactly where their limits say."""

import pytest
import torch

from lane_batches import context, parameters, rows
from mmaudit.remedies.context import TrainingSetup
from mmaudit.remedies.exchange import mean_of_others
from mmaudit.remedies.generic.channel_exchange_analogue import ChannelExchange, own_part
from mmaudit.remedies.generic.cssa_analogue import ChannelSwitch
from mmaudit.remedies.generic.l1_activity import ActivityWeights, shares
from mmaudit.remedies.generic.token_fusion_analogue import TokenExchange
from planted_fusion import loud_noise, rights
from presences import there


@pytest.fixture
def c():
    return context("ab", seeds=(0,), penalty=0.0, limit=0.5)


def test_the_mean_of_others_leaves_out_its_own():
    own = {m: torch.full((1, 1), float(v)) for m, v in zip("abc", (1, 2, 6), strict=True)}
    assert [float(x) for x in mean_of_others(own).values()] == [4.0, 3.5, 1.5]


def test_every_channel_may_be_given_up_by_one_modality():
    c = context("abc", seeds=(0,))
    assert torch.equal(sum(own_part(c, m).int() for m in "abc"), torch.ones(8, dtype=torch.int32))


def test_no_channel_is_exchanged_while_scales_are_whole(c):
    method = ChannelExchange()
    p = parameters(method, c)
    assert not any(method.dead(p, c, m).any() for m in "ab")


def test_a_dead_channel_is_the_others(c):
    """Channel 0 may be given up by a, not by b."""
    method = ChannelExchange()
    p, batch = parameters(method, c), rows(c)
    for m in "ab":
        p[f"scale.{m}.one"] = p[f"scale.{m}.one"].detach().clone()
        p[f"scale.{m}.one"][:, 0] = 0.01
        p[f"scale.{m}.one"].requires_grad_()
    after = method.channels(p, c, method.encoded(p, c, batch))
    assert torch.allclose(after["a"][..., 0], after["b"][..., 0], atol=1e-6)
    assert not torch.allclose(after["a"][..., 1:], after["b"][..., 1:], atol=1e-2)
    slope = torch.autograd.grad(after["a"].sum(), p["scale.a.one"])[0]
    assert slope[0, 0] == 0
    assert slope[0, 1:].abs().max() > 0


def test_a_piece_that_scores_low_says_nothing_of_its_own(c):
    method = TokenExchange()
    p, batch = parameters(method, c), rows(c)
    p["piece.score.out.b"] = torch.tensor([[[-50.0], [50.0]]])  # a low, b high
    h = {m: x.detach().requires_grad_() for m, x in method.encoded(p, c, batch).items()}
    after, score = method.tokens(p, c, h)
    assert score[:, 0].max() < 0.02 < score[:, 1].min()
    of_a, of_b = torch.autograd.grad(after["a"].sum(), [h["a"], h["b"]])
    assert of_a.abs().max() == 0
    assert of_b.abs().max() > 0
    assert torch.allclose(after["b"], h["b"], atol=1e-5)


@pytest.mark.parametrize(("limit", "switched"), [(0.0, False), (1.0, True)])
def test_channels_are_switched_below_the_limit(limit, switched):
    c = context("ab", seeds=(0,), limit=limit)
    method = ChannelSwitch()
    p, batch = parameters(method, c), rows(c)
    h = method.encoded(p, c, batch)
    out = method.switched(p, c, h)
    assert torch.allclose(out["a"], h["b"], atol=1e-6) == switched
    assert torch.allclose(out["b"], h["a"], atol=1e-6) == switched


def test_the_larger_encoding_weighs_more():
    """Scaled by 3, of two that are as large: 3 of 4 shares."""
    x = torch.rand(1, 5, 8, generator=torch.Generator().manual_seed(0)) + 0.1
    share = shares(torch.stack([3 * x, x], -1))
    assert torch.allclose(share, torch.tensor([0.75, 0.25]).expand_as(share), atol=1e-4)


def test_what_is_absent_weighs_nothing(c):
    method = ActivityWeights()
    p, batch = parameters(method, c), rows(c, 4)
    h = method.encoded(p, c, batch)
    alone = method.logits(p, c, h, there("1111", "0000"))
    assert torch.allclose(
        alone, torch.bmm(h["a"], p["head.w"]) + p["head.b"].unsqueeze(1), atol=1e-6
    )


@pytest.mark.slow
def test_activity_weights_reward_loud_noise():
    """P1: noise enlarges an encoding, so that its weight rises where it says less."""
    setup = TrainingSetup(width=32, steps=250, settings=((1e-2, 0.0),))
    right = rights(["control/concat", "generic/l1_activity"], loud_noise(0), setup, [0])
    assert right["generic/l1_activity"] < right["control/concat"] - 0.02
