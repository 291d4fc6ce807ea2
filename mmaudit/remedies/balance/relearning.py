"""Diagnosing and relearning: an encoder that has learned by heart goes part of the way back.

By heart is what the classes of clusters of encodings say better of rows that are learned from than
of rows that are not.
"""

from collections import deque
from typing import Any

import torch
from torch.nn import functional

from mmaudit.remedies.balance._aside import EVERY, learning, mean_of
from mmaudit.remedies.base import Remedy
from mmaudit.remedies.context import LaneBatch, LaneContext
from mmaudit.remedies.layers import Lanes, Parameters, spread
from mmaudit.remedies.method import Method, trunk

TIMES, PARTS = 3, 5  # after each of the first three fifths of the updates
RECENT = 12  # updates whose encodings are clustered
ROUNDS = 8  # of moving centres

REMEDY = Remedy(
    challenge="imbalanced",
    head="additive",
    source="Wei et al. 2024 (Diagnosing and Relearning), arXiv:2407.09705; an eighth of the "
    "training rows is held aside to diagnose by, against as many others; moments of the optimiser "
    "stay",
    grid=({"strength": 1.0}, {"strength": 3.0}, {"strength": 9.0}),
)


class Relearning(Method):
    """Concatenation, whose encoders are set back in part, three times."""

    def loss(self, p: Parameters, c: LaneContext, batch: LaneBatch) -> Lanes:
        """Loss of each lane on what is learned from, ``(lane,)``."""
        if c.step == 0:
            own = (n for m in c.modalities for n in p if trunk(f"encoder.{m}", n))
            c.memory["start"] = {name: p[name].detach().clone() for name in own}
        h = self.encoded(p, c, batch)
        recent = c.memory.setdefault("recent", deque(maxlen=RECENT))
        recent.append(({m: e.detach() for m, e in h.items()}, batch))
        losses = c.losses(self.logits(p, c, h, batch.present), batch.labels)
        return mean_of(losses, learning(batch))

    def step_done(self, p: Parameters, c: LaneContext) -> None:
        """Set encoders back after some of the updates."""
        times = [round(c.setup.steps * (k + 1) / PARTS) for k in range(TIMES)]
        if c.step + 1 not in times:
            return
        for m in c.modalities:
            back = torch.tanh(c.option("strength") * _gap(c, m))
            for name, start in c.memory["start"].items():
                if trunk(f"encoder.{m}", name):
                    p[name].lerp_(start, spread(back, start).expand_as(start))


def _gap(c: LaneContext, modality: str) -> Lanes:
    """How much purer clusters are of rows that are learned from, ``(lane,)``, without sign."""
    recent: Any = c.memory["recent"]
    h = torch.cat([encoded[modality] for encoded, _ in recent], 1)
    rows, labels = (
        torch.cat([getattr(batch, what) for _, batch in recent], 1) for what in ("rows", "labels")
    )
    there = torch.cat([batch.present[modality] for _, batch in recent], 1)
    first = c.draws.uniform(f"centres/{modality}", c.step, h.shape[1])
    aside, learned = (
        purity(h, labels, there & (rows % EVERY == k), first, c.outputs) for k in (0, 1)
    )
    return (learned - aside).abs()


def purity(h: Lanes, labels: Lanes, some: Lanes, first: Lanes, classes: int) -> Lanes:
    """Share of rows that are of the commonest class of their cluster, ``(lane,)``.

    There are as many clusters as classes.

    Args:
        h: Encodings, ``(lane, n, width)``.
        labels: Classes, ``(lane, n)``.
        some: The rows that count, ``(lane, n)`` bool.
        first: Rows that count and have the largest of these are the first centres, ``(lane, n)``.
        classes: How many classes there are.
    """
    low, high = h.amin(1, keepdim=True), h.amax(1, keepdim=True)
    x = (h - low) / (high - low).clamp(min=1e-6)
    picked = (first * some).topk(min(classes, h.shape[1]), 1).indices
    centres = x.gather(1, picked.unsqueeze(2).expand(-1, -1, x.shape[2]))
    for _ in range(ROUNDS):
        cluster = _clusters(x, centres) * some.unsqueeze(2)
        size = cluster.sum(1).unsqueeze(2)
        moved = cluster.transpose(1, 2) @ x / size.clamp(min=1)
        centres = torch.where(size > 0, moved, centres)
    counts = (_clusters(x, centres) * some.unsqueeze(2)).transpose(1, 2) @ functional.one_hot(
        labels, classes
    ).float()
    return counts.amax(2).sum(1) / some.sum(1).clamp(min=1)


def _clusters(x: Lanes, centres: Lanes) -> Lanes:
    """Which centre is nearest to each row, ``(lane, n, centre)``, one of each row 1."""
    near = 2 * x @ centres.transpose(1, 2) - centres.square().sum(-1).unsqueeze(1)
    return functional.one_hot(near.argmax(2), centres.shape[1]).float()


METHOD = Relearning
