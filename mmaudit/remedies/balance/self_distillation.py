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
    source="Liu et al. 2023, WSDM, doi:10.1145/3539597.3570423; a true divergence of whole "
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
        gaps = distances(logits, batch.labels, pairs)
        both = torch.stack([there[:, :, a] & there[:, :, b] for a, b in pairs], 2)
        return loss + c.option("weight") * (gaps * both).mean((1, 2))


def distances(logits: Lanes, labels: Lanes, pairs: list[tuple[int, int]]) -> Lanes:
    """How far two modalities are apart, by how unequally well they say the class.

    Args:
        logits: Of each modality, ``(lane, n, modality, class)``.
        labels: ``(lane, n)``.
        pairs: Places of two modalities each.

    Returns:
        ``(lane, n, pair)``; 0 where neither is right.
    """
    a, b = (torch.tensor(side) for side in zip(*pairs, strict=True))
    logs = logits.log_softmax(-1)
    classes = labels.unsqueeze(2).expand(logits.shape[:3])
    true = of_label(logs, classes).detach().exp()
    right = logits.argmax(-1) == classes
    weight = (true[:, :, a] - true[:, :, b]).abs() * (right[:, :, a] | right[:, :, b])
    first = true[:, :, a] >= true[:, :, b]
    fixed = logs.detach()
    strong = torch.where(first.unsqueeze(-1), fixed[:, :, a], fixed[:, :, b])
    weak = torch.where(first.unsqueeze(-1), logs[:, :, b], logs[:, :, a])
    divergence = (strong.exp() * (strong - weak)).sum(-1)
    return weight * ((logits[:, :, a] - logits[:, :, b]).square().mean(-1) + divergence)


METHOD = SelfDistillation
