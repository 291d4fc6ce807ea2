"""CML: an answer may not become surer when a modality is taken away.

In each update modalities are taken away one by one, in an order that is drawn.
"""

import torch

from mmaudit.remedies.balance._joint import MaskedFusion, masked
from mmaudit.remedies.base import Remedy
from mmaudit.remedies.context import LaneBatch, LaneContext
from mmaudit.remedies.layers import Lanes, Parameters, cross_entropy

REMEDY = Remedy(
    challenge="imbalanced",
    head="additive",
    source="Ma et al. 2023, arXiv:2306.01265; row by row, in an order of each update's own",
    grid=({"weight": 0.1}, {"weight": 0.3}, {"weight": 1.0}),
)


class ConfidenceMonotone(MaskedFusion):
    """Concatenation of all, and of fewer and fewer; confidence may only fall."""

    def loss(self, p: Parameters, c: LaneContext, batch: LaneBatch) -> Lanes:
        """Loss of each lane, ``(lane,)``."""
        there = torch.stack([batch.present[m] for m in c.modalities], -1)
        terms = self.terms(p, c, masked(c, self.encoded(p, c, batch), there))
        every = torch.stack([terms[m] for m in c.modalities], 2)
        order = c.draws.uniform("order", c.step, len(c.modalities)).argsort(-1)
        at = order.view(c.lanes, 1, -1, 1).expand_as(every)
        chain = every.gather(2, at).cumsum(2) + p["head.b"].view(c.lanes, 1, 1, -1)
        labels = batch.labels.unsqueeze(2).expand(chain.shape[:3])
        loss = cross_entropy(chain, labels, c.option("smoothing", 2)).mean((1, 2))
        return loss + c.option("weight") * surer(chain, labels).sum(-1).mean(1)


def surer(chain: Lanes, labels: Lanes) -> Lanes:
    """How much surer an answer is with one modality less, ``(lane, n, set - 1)``.

    0 where it is less sure, and where it is right with fewer and wrong with more.

    Args:
        chain: Logits with 1, 2, … modalities, each set in the next, ``(lane, n, set, class)``.
        labels: ``(lane, n, set)``.
    """
    confidence, answer = chain.softmax(-1).max(-1)
    right = answer == labels
    better = right[..., :-1] & ~right[..., 1:]
    rise = (confidence[..., :-1] - confidence[..., 1:]).clamp(min=0)
    return torch.where(better, torch.zeros_like(rise), rise)


METHOD = ConfidenceMonotone
