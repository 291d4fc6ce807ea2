"""MoNIG: each modality gives a number with evidence; they are joined as mixtures of such."""

import math
from dataclasses import dataclass

import torch
from torch.nn import functional

from mmaudit.remedies.base import Remedy
from mmaudit.remedies.context import LaneBatch, LaneContext
from mmaudit.remedies.late import LateFusion, normalised, stacked
from mmaudit.remedies.layers import Lanes, Parameters, Shapes, linear, linear_shapes
from mmaudit.remedies.method import Encoded, There

REMEDY = Remedy(
    challenge="varying",
    head="late",
    source=(
        "Ma et al., Trustworthy Multimodal Regression with Mixture of Normal-inverse Gamma "
        "Distributions, NeurIPS 2021, arXiv:2111.08456"
    ),
    tasks=("number",),
    grid=({"penalty": 0.001}, {"penalty": 0.01}, {"penalty": 0.1}),
)
TINY = 1e-6


@dataclass(frozen=True, slots=True, eq=False)
class NormalGamma:
    """Normal-inverse-gamma distributions of numbers, each tensor ``(lane, n, …)``.

    Attributes:
        mean: Expected number.
        views: As how many observations the mean counts, above 0.
        shape: Of the variance, above 1.
        scale: Of the variance, above 0; it rises where joined means disagree.
    """

    mean: Lanes
    views: Lanes
    shape: Lanes
    scale: Lanes

    def surprise(self, numbers: Lanes) -> Lanes:
        """Minus the logarithm of the density of numbers, a Student's t, ``(lane, n, …)``."""
        omega = 2 * self.scale * (1 + self.views)
        error = self.views * (numbers - self.mean).square() + omega
        return (
            0.5 * (math.log(math.pi) - self.views.log())
            - self.shape * omega.log()
            + (self.shape + 0.5) * error.log()
            + torch.lgamma(self.shape)
            - torch.lgamma(self.shape + 0.5)
        )

    def joined(self, there: Lanes) -> "NormalGamma":
        """One distribution of those of the last axis that are there.

        Args:
            there: 1 for what is there, else 0, ``(lane or 1, n, modality)``; not all 0.
        """
        views = self.views * there
        total = views.sum(-1)
        mean = (views * self.mean).sum(-1) / total
        apart = (views * (self.mean - mean.unsqueeze(-1)).square()).sum(-1)
        return NormalGamma(
            mean,
            total,
            (self.shape * there).sum(-1) + (there.sum(-1) - 1) / 2,
            (self.scale * there).sum(-1) + apart / 2,
        )


class EvidentialNumbers(LateFusion):
    """One network a modality, which answers with a distribution."""

    def shapes(self, c: LaneContext) -> Shapes:
        """Encoders, and a head of four numbers for each."""
        own = [linear_shapes(f"unimodal.{m}", c.setup.width, 4) for m in c.modalities]
        return self.encoder_shapes(c) | {k: shape for head in own for k, shape in head.items()}

    def distributions(self, p: Parameters, c: LaneContext, h: Encoded) -> NormalGamma:
        """Of each modality, ``(lane, n, modality)``."""
        heads = torch.stack([linear(p, f"unimodal.{m}", h[m]) for m in c.modalities], 2)
        mean, *rest = heads.unbind(-1)
        views, shape, scale = (functional.softplus(z) + TINY for z in rest)
        return NormalGamma(mean, views, 1 + shape, scale)

    def loss(self, p: Parameters, c: LaneContext, batch: LaneBatch) -> Lanes:
        """Losses of each modality, and of what they are joined to."""
        own = self.distributions(p, c, self.encoded(p, c, batch))
        there = stacked(c, batch.present)
        weight = c.option("penalty", 1)
        alone = loss_of(own, batch.labels.unsqueeze(-1), weight.unsqueeze(-1)) * there
        each = (alone.sum(1) / there.sum(1).clamp(min=1)).sum(-1)
        return each + loss_of(own.joined(there), batch.labels, weight).mean(1)

    def trust(self, p: Parameters, c: LaneContext, h: Encoded, present: There) -> Lanes:
        """Weight of each modality's number, its share of all evidence, ``(lane, n, modality)``."""
        return normalised(self.distributions(p, c, h).views * stacked(c, present))

    def fuse(self, p: Parameters, c: LaneContext, h: Encoded, present: There) -> Lanes:
        """Numbers, ``(lane, n, 1)``."""
        return self.distributions(p, c, h).joined(stacked(c, present)).mean.unsqueeze(-1)


def loss_of(distributions: NormalGamma, numbers: Lanes, weight: Lanes | float) -> Lanes:
    """Surprise, and evidence that was for a wrong number, times its weight."""
    error = (numbers - distributions.mean).abs()
    evidence = 2 * distributions.views + distributions.shape
    return distributions.surprise(numbers) + weight * error * evidence


METHOD = EvidentialNumbers
