"""MBSD: row by row the modality that says the class less well learns from the other."""

from itertools import combinations

import torch

from mmaudit.remedies.balance._joint import JointFusion
from mmaudit.remedies.base import Remedy
from mmaudit.remedies.context import LaneBatch, LaneContext
from mmaudit.remedies.late import unimodal, unimodal_losses
from mmaudit.remedies.layers import Lanes, Parameters, of_label

REMEDY = Remedy(
    challenge="imbalanced",
    head="additive",
    source="Liu et al. 2023, WSDM; a true divergence of whole "
    "distributions, from the stronger to the weaker; of several modalities the mean over pairs",
    grid=({"weight": 0.3}, {"weight": 1.0}, {"weight": 3.0}),
)


class SelfDistillation(JointFusion):
    """Concatenation and own heads, which learn from one another."""

    def loss(self, p: Parameters, c: LaneContext, batch: LaneBatch) -> Lanes:
        """Loss of each lane, ``(lane,)``."""
        h = self.encoded(p, c, batch)
        own = unimodal(p, c, h)
        joint = c.losses(self.logits(p, c, h, batch.present), batch.labels).mean(1)
        loss = joint + unimodal_losses(own, c, batch)
        pairs = list(combinations(range(len(c.modalities)), 2))
        if not pairs:
            return loss
        logits = torch.stack([own[m] for m in c.modalities], 2)
        there = torch.stack([batch.present[m] for m in c.modalities], 2)
        a, b = (torch.tensor(side) for side in zip(*pairs, strict=True))
        gaps = distances(logits[:, :, a], logits[:, :, b], batch.labels)
        both = (there[:, :, a] & there[:, :, b]).float()
        return loss + c.option("weight") * (gaps * both).mean((1, 2))


def distances(a: Lanes, b: Lanes, labels: Lanes) -> Lanes:
    """How far two modalities are apart, by how unequally well they say the class.

    Args:
        a: Logits, ``(lane, n, pair, class)``.
        b: Of the other of each pair.
        labels: ``(lane, n)``.

    Returns:
        ``(lane, n, pair)``; 0 where neither is right.
    """
    said, other = a.softmax(-1), b.softmax(-1)
    classes = labels.unsqueeze(2).expand(a.shape[:3])
    true, also = of_label(said, classes).detach(), of_label(other, classes).detach()
    right = (a.argmax(-1) == classes) | (b.argmax(-1) == classes)
    weight = (true - also).abs() * right
    first = (true >= also).unsqueeze(-1)
    strong, weak = torch.where(first, a, b).detach(), torch.where(first, b, a)
    target, answer = strong.log_softmax(-1), weak.log_softmax(-1)
    divergence = (target.exp() * (target - answer)).sum(-1)
    return weight * ((a - b).square().mean(-1) + divergence)


METHOD = SelfDistillation
