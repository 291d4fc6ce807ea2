"""LFM: encodings of a row are aligned between modalities first, and classified by and by."""

import math
from itertools import combinations

import torch
from torch.nn import functional

from mmaudit.remedies.base import Remedy
from mmaudit.remedies.context import LaneBatch, LaneContext
from mmaudit.remedies.layers import Lanes, Parameters, cross_entropy
from mmaudit.remedies.method import Method

TEMPERATURE = 0.1
LAST = 0.1  # share of the first weight that alignment ends with

REMEDY = Remedy(
    challenge="imbalanced",
    head="additive",
    source="Yang et al. 2024, NeurIPS; the weight falls by its schedule and is not learned; of "
    "several modalities the pairs take turns",
    tasks=("class", "number"),
    grid=({"align": 0.05}, {"align": 0.2}, {"align": 0.5}),
)


class LabelFreeAlignment(Method):
    """Concatenation, and a contrast of the rows of two modalities."""

    def loss(self, p: Parameters, c: LaneContext, batch: LaneBatch) -> Lanes:
        """Loss of each lane, ``(lane,)``."""
        h = self.encoded(p, c, batch)
        joint = c.losses(self.logits(p, c, h, batch.present), batch.labels).mean(1)
        pairs = list(combinations(c.modalities, 2))
        if not pairs:
            return joint
        a, b = pairs[c.step % len(pairs)]
        share = c.option("align") * schedule(c.progress)
        aligned = contrast(h[a], h[b], batch.present[a] & batch.present[b])
        return (1 - share) * joint + share * aligned


def schedule(progress: float) -> float:
    """Share of the first weight: 1 at the start, falling as half a cosine."""
    return LAST + (1 - LAST) * (1 + math.cos(math.pi * progress)) / 2


def contrast(a: Lanes, b: Lanes, both: Lanes) -> Lanes:
    """InfoNCE both ways, ``(lane,)``: can a row be picked out by its other modality?

    Args:
        a: Encodings, ``(lane, n, width)``.
        b: Of the other modality.
        both: Which rows have both, ``(lane, n)``; others are no candidates.
    """
    a, b = functional.normalize(a, dim=-1), functional.normalize(b, dim=-1)
    alike = torch.bmm(a, b.transpose(1, 2)) / TEMPERATURE
    own = torch.arange(alike.shape[1]).expand(both.shape)
    out = torch.where(both, 0.0, -1e9).unsqueeze(1)
    losses = cross_entropy(alike + out, own) + cross_entropy(alike.transpose(1, 2) + out, own)
    return torch.where(both, losses, 0.0).sum(1) / both.sum(1).clamp(min=1) / 2


METHOD = LabelFreeAlignment
