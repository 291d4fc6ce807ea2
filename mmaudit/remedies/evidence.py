"""Evidence for each class as a Dirichlet distribution: how it is joined, learnt and fused.

Evidence ``e`` of at least 0 is the opinion ``alpha = e + 1``; without any it is uniform.

References:
    Sensoy et al. 2018, arXiv:1806.01768; Han et al. 2021 (TMC), arXiv:2102.02051.
"""

import math

import torch
from torch.nn import functional

from mmaudit.remedies.context import LaneBatch, LaneContext
from mmaudit.remedies.late import LateFusion
from mmaudit.remedies.layers import Lanes, Parameters
from mmaudit.remedies.method import Encoded, There


def joined(evidence: Lanes, there: Lanes) -> Lanes:
    """Evidence of all views by Dempster's rule, which for such opinions is a product.

    ``e_k = K (prod_v (1 + e_vk / K) - 1)``: the order does not matter, and a view that is absent,
    or that has no evidence, changes nothing. The conflict of two views cancels: two that are sure
    of different classes are joined to evidence for both, and little uncertainty.

    Args:
        evidence: ``(lane, n, view, class)``.
        there: 1 for views that count, else 0, ``(lane or 1, n, view)``.

    Returns:
        ``(lane, n, class)``.
    """
    classes = evidence.shape[-1]
    logs = torch.log1p(evidence / classes) * there.unsqueeze(-1)
    return classes * torch.expm1(logs.sum(2))


def divergence(alpha: Lanes) -> Lanes:
    """KL divergence of Dirichlet distributions from the uniform one in nats, ``(…, K) -> (…)``."""
    total = alpha.sum(-1)
    constant = torch.lgamma(total) - torch.lgamma(alpha).sum(-1) - math.lgamma(alpha.shape[-1])
    slopes = torch.digamma(alpha) - torch.digamma(total).unsqueeze(-1)
    return constant + ((alpha - 1) * slopes).sum(-1)


def surprise(evidence: Lanes, labels: Lanes, weight: Lanes | float) -> Lanes:
    """Expected cross-entropy of an opinion, and what it holds for wrong classes.

    Args:
        evidence: ``(lane, n, view, class)``.
        labels: Number of the class, ``(lane, n)``.
        weight: Of the divergence of wrong evidence from none; one number, or ``(lane, 1, 1)``.

    Returns:
        In nats, ``(lane, n, view)``.
    """
    alpha = evidence + 1
    own = functional.one_hot(labels, alpha.shape[-1]).unsqueeze(2).float()
    expected = torch.digamma(alpha.sum(-1)) - torch.digamma((alpha * own).sum(-1))
    return expected + weight * divergence(1 + evidence * (1 - own))


class EvidenceFusion(LateFusion):
    """Each modality's network gives evidence; all of it is joined by Dempster's rule.

    The weight of the divergence grows over the share ``anneal`` of the updates.
    """

    def views(
        self, p: Parameters, c: LaneContext, h: Encoded, present: There
    ) -> tuple[Lanes, Lanes]:
        """Evidence of each view ``(lane, n, view, class)``, and which count, ``(…, n, view)``."""
        logits = torch.stack(list(self.unimodal(p, c, h).values()), 2)
        there = torch.stack([present[m] for m in c.modalities], -1).float()
        return functional.softplus(logits), there

    def evidence(self, p: Parameters, c: LaneContext, h: Encoded, present: There) -> Lanes:
        """Evidence of each modality alone for each class, ``(lane, n, modality, class)``."""
        return self.views(p, c, h, present)[0][:, :, : len(c.modalities)]

    def loss(self, p: Parameters, c: LaneContext, batch: LaneBatch) -> Lanes:
        """Sum over views and their joint opinion of the mean loss of the rows that have each."""
        evidence, there = self.views(p, c, self.encoded(p, c, batch), batch.present)
        every = torch.cat([evidence, joined(evidence, there).unsqueeze(2)], 2)
        counts = torch.cat([there, torch.ones_like(there[..., :1])], -1)
        weight = (c.progress / c.option("anneal", 2)).clamp(max=1)
        losses = surprise(every, batch.labels, weight) * counts
        return (losses.sum(1) / counts.sum(1).clamp(min=1)).sum(-1)

    def fuse(self, p: Parameters, c: LaneContext, h: Encoded, present: There) -> Lanes:
        """Mean of the joined opinion; uniform where nothing is present."""
        alpha = joined(*self.views(p, c, h, present)) + 1
        return alpha / alpha.sum(-1, keepdim=True)
