"""Gradient blending, an analogue: losses weigh by what they gain for what they overfit."""

from dataclasses import dataclass

import torch

from mmaudit.remedies.balance._aside import learning, mean_of
from mmaudit.remedies.balance._joint import JointFusion
from mmaudit.remedies.base import Remedy
from mmaudit.remedies.context import LaneBatch, LaneContext
from mmaudit.remedies.late import unimodal
from mmaudit.remedies.layers import TINY, Lanes, Parameters

STRETCHES = 8  # of the updates

REMEDY = Remedy(
    challenge="imbalanced",
    head="additive",
    source="Wang, Tran and Feiszli 2020, arXiv:1905.12681; an eighth of the training rows is held "
    "aside to measure by; overfitting counts as its standard error at least",
    analogue="the curves of losses are of the heads of the one training; no network is trained "
    "apart to measure them, which would be as many trainings more as there are heads",
    tasks=("class", "number"),
)


@dataclass(frozen=True, slots=True)
class HeadLosses:
    """Mean losses of each head in a stretch of updates, ``(lane, head)``.

    Attributes:
        learned: On rows that were learned from.
        aside: On rows that were held aside.
        error: Standard error of the latter.
    """

    learned: Lanes
    aside: Lanes
    error: Lanes


class BlendedFusion(JointFusion):
    """Concatenation and own heads, whose losses are weighed anew after every stretch of updates."""

    def loss(self, p: Parameters, c: LaneContext, batch: LaneBatch) -> Lanes:
        """Loss of each lane on what is learned from, ``(lane,)``."""
        h = self.encoded(p, c, batch)
        heads = [self.logits(p, c, h, batch.present), *unimodal(p, c, h).values()]
        losses = torch.stack([c.losses(z, batch.labels) for z in heads], -1)
        rows = learning(batch).unsqueeze(-1)
        whole = torch.ones_like(batch.present[c.modalities[0]])
        there = torch.stack([whole, *(batch.present[m] for m in c.modalities)], -1).float()
        _note(c, losses.detach(), rows * there, (1 - rows) * there)
        weights = c.memory.get("weights", torch.ones(c.lanes, len(heads)) / len(heads))
        return (weights * mean_of(losses, rows * there)).sum(-1)


def blend(before: HeadLosses, now: HeadLosses) -> Lanes:
    """Weights of losses, ``(lane, head)``, that sum to 1.

    What was gained on rows held aside, by the square of what was overfitted meanwhile; alike where
    nothing was gained.

    Args:
        before: Losses of an earlier stretch.
        now: Losses of a later one.
    """
    gained = (before.aside - now.aside).clamp(min=0)
    overfitted = (now.aside - now.learned) - (before.aside - before.learned)
    weights = gained / torch.maximum(overfitted, now.error.clamp(min=TINY)).square()
    total = weights.sum(-1, keepdim=True)
    even = torch.full_like(weights, 1 / weights.shape[-1])
    return torch.where(total > 0, weights / total.clamp(min=TINY), even)


def _note(c: LaneContext, losses: Lanes, learned: Lanes, aside: Lanes) -> None:
    """Sum the losses of a stretch up, ``(lane, n, head)``; weigh heads anew at its end."""
    now = torch.stack(
        [
            (losses * learned).sum(1),
            learned.sum(1),
            (losses * aside).sum(1),
            aside.sum(1),
            (losses.square() * aside).sum(1),
        ]
    )
    c.memory["sums"] = c.memory.get("sums", 0) + now
    if (c.step + 1) % max(1, c.setup.steps // STRETCHES):
        return
    curves = _curves(c.memory.pop("sums"))
    if "curves" in c.memory:
        c.memory["weights"] = blend(c.memory["curves"], curves)
    c.memory["curves"] = curves


def _curves(sums: Lanes) -> HeadLosses:
    total, count, aside_total, aside_count, squares = sums
    aside_count = aside_count.clamp(min=1)
    mean = aside_total / aside_count
    variance = (squares / aside_count - mean.square()).clamp(min=0)
    return HeadLosses(total / count.clamp(min=1), mean, (variance / aside_count).sqrt())


METHOD = BlendedFusion
