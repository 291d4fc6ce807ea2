"""OGM-GE: whichever modality predicts the class better is slowed, and gradients get noise.

By the share that a modality has in the joint head's answer: it is slowed where it says the class
better than the others, which need not be the modality that was learned first.
"""

import torch

from mmaudit.remedies.balance._noise import noise
from mmaudit.remedies.balance._speeds import (
    PACE,
    PacedFusion,
    against_others,
    split_logits,
    true_class,
)
from mmaudit.remedies.base import Remedy
from mmaudit.remedies.context import LaneBatch, LaneContext
from mmaudit.remedies.layers import Lanes, Parameters, spread

REMEDY = Remedy(
    challenge="imbalanced",
    head="additive",
    source="Peng et al. 2022, arXiv:2203.15332; the coefficient is on the update of the encoder "
    "and not on its gradient, from which Adam takes it; several others count by their mean; the "
    "noise is on all weights of encoders, at one point of the grid",
    grid=({"alpha": 0.3}, {"alpha": 0.8}, {"alpha": 0.3, "noise": 1.0}),
)


class GradientModulation(PacedFusion):
    """Concatenation, with coefficients on encoders and noise in their gradients."""

    def loss(self, p: Parameters, c: LaneContext, batch: LaneBatch) -> Lanes:
        """Loss of each lane, ``(lane,)``."""
        terms = self.terms(p, c, self.encoded(p, c, batch))
        ratios = against_others(true_class(split_logits(p, c, terms), batch))
        c.memory[PACE] = coefficients(ratios, c.option("alpha", 1))
        logits = sum(terms.values()) + p["head.b"].unsqueeze(1)
        return c.losses(logits, batch.labels).mean(1)

    def gradients(self, p: Parameters, c: LaneContext, batch: LaneBatch) -> Parameters:
        """Gradient of each parameter, of encoders with noise of their own deviation."""
        gradients = super().gradients(p, c, batch)
        for m in c.modalities:
            gradient = gradients[f"encoder.{m}.w"]
            drawn = noise(c, f"noise/{m}", *gradient.shape[1:])
            size = c.option("noise") * gradient.flatten(1).std(1)
            gradients[f"encoder.{m}.w"] = gradient + spread(size, gradient) * drawn
        return gradients


def coefficients(ratios: Lanes, alpha: Lanes | float) -> Lanes:
    """1 for what is not ahead, else ``1 - tanh(alpha ratio)``: it jumps at a ratio of 1, as coded.

    Args:
        ratios: Each modality against the others, ``(lane, modality)``.
        alpha: How much is slowed; one number, or ``(lane, 1)``.
    """
    return torch.where(ratios > 1, 1 - torch.tanh(alpha * ratios), torch.ones_like(ratios))


METHOD = GradientModulation
