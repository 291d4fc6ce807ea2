"""PMR: the modalities that are behind are drawn towards the mean encoding of their class.

A modality is behind where its encodings are told apart less well by the nearest of these means.
"""

from typing import Any

import torch
from torch.nn import functional

from mmaudit.remedies.balance._speeds import true_class
from mmaudit.remedies.base import Remedy
from mmaudit.remedies.context import LaneBatch, LaneContext
from mmaudit.remedies.layers import Lanes, Parameters, cross_entropy
from mmaudit.remedies.method import Encoded, Method

OLD = 0.2  # share of the means of the epoch before
NEAREST = 1e-6  # under the root of a distance, whose gradient is endless at 0

REMEDY = Remedy(
    challenge="imbalanced",
    head="additive",
    source="Fan et al. 2023, arXiv:2211.07089; means are of the encodings during the epoch before; "
    "every modality behind the best is drawn, by how far it is behind; without the term of entropy",
    grid=({"alpha": 0.5}, {"alpha": 1.0}, {"alpha": 2.0}),
)


class PrototypicalRebalance(Method):
    """Concatenation, and a loss of nearness for what is behind."""

    def loss(self, p: Parameters, c: LaneContext, batch: LaneBatch) -> Lanes:
        """Loss of each lane, ``(lane,)``."""
        h = self.encoded(p, c, batch)
        loss = c.losses(self.logits(p, c, h, batch.present), batch.labels).mean(1)
        means = _means(c, h, batch)
        if means is None:
            return loss
        near = {m: -distances(h[m], means[m]) for m in c.modalities}
        weights = c.option("alpha", 1) * behind(true_class(near, batch))
        for i, m in enumerate(c.modalities):
            own = cross_entropy(near[m], batch.labels) * batch.present[m]
            loss = loss + weights[:, i] * own.mean(1)
        return loss


def distances(h: Lanes, means: Lanes) -> Lanes:
    """Euclidean distance of each row to each class, ``(lane, n, class)``.

    Args:
        h: Encodings, ``(lane, n, width)``.
        means: Of each class, ``(lane, class, width)``.
    """
    lengths = h.square().sum(-1, keepdim=True) + means.square().sum(-1).unsqueeze(1)
    square = torch.baddbmm(lengths, h, means.transpose(1, 2), alpha=-2)
    return (square.clamp(min=0) + NEAREST).sqrt()


def behind(values: Lanes) -> Lanes:
    """How far each is behind the best: its ratio to it, less 1, in [0, 1]; ``(lane, modality)``."""
    return (values.amax(-1, keepdim=True) / values - 1).clamp(0, 1)


def _means(c: LaneContext, h: Encoded, batch: LaneBatch) -> dict[str, Lanes] | None:
    """Mean encoding of each class, ``(lane, class, width)``; None in the first epoch."""
    memory: dict[str, Any] = c.memory
    if memory.get("epoch", 0) != c.epoch:
        memory["means"] = {m: _mean(memory, m) for m in c.modalities}
        memory["sums"] = {}
    memory["epoch"] = c.epoch
    sums = memory.setdefault("sums", {})
    classes = functional.one_hot(batch.labels, c.outputs).float().transpose(1, 2)
    for m in c.modalities:
        own = classes * batch.present[m].float().unsqueeze(1)
        total, count = sums.get(m, (0.0, 0.0))
        sums[m] = total + own @ h[m].detach(), count + own.sum(-1, keepdim=True)
    means: dict[str, Lanes] | None = memory.get("means")
    return means


def _mean(memory: dict[str, Any], modality: str) -> Lanes:
    """The mean of an epoch, mixed with the one before; of a class without rows the one before."""
    total, count = memory["sums"][modality]
    new = total / count.clamp(min=1)
    if "means" not in memory:
        return new
    old = memory["means"][modality]
    return torch.where(count > 0, (1 - OLD) * new + OLD * old, old)


METHOD = PrototypicalRebalance
