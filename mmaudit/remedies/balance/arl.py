"""ARL: the surer modality is to count the more; encoders get longer steps until it does."""

import torch

from mmaudit.remedies.balance._speeds import PACE, PacedFusion, others, over_rows
from mmaudit.remedies.base import Remedy
from mmaudit.remedies.context import LaneBatch, LaneContext
from mmaudit.remedies.late import unimodal_losses
from mmaudit.remedies.layers import TINY, Lanes, Parameters, entropy

LEAST = 0.3  # share of the entropy
WARM = 0.1  # share of the updates before `gamma` counts

REMEDY = Remedy(
    challenge="imbalanced",
    head="additive",
    source="Wei, Luo and Luo 2025, arXiv:2507.10203; the formula of the released code, whose "
    "weights are applied here, to the updates; several others count by their mean",
    grid=(
        {"temperature": 4.0, "gamma": 1.0},
        {"temperature": 8.0, "gamma": 1.0},
        {"temperature": 8.0, "gamma": 4.0},
    ),
)


class AsymmetricLearning(PacedFusion):
    """Concatenation, the losses of each modality by the joint head, and factors on encoders."""

    def loss(self, p: Parameters, c: LaneContext, batch: LaneBatch) -> Lanes:
        """Loss of each lane, ``(lane,)``."""
        terms = self.terms(p, c, self.encoded(p, c, batch))
        bias = p["head.b"].unsqueeze(1)
        alone = {m: term + bias for m, term in terms.items()}
        with torch.no_grad():
            unsure = over_rows({m: entropy(z.softmax(-1)) for m, z in alone.items()}, batch)
            large = over_rows({m: z.abs().sum(-1) for m, z in alone.items()}, batch)
        c.memory[PACE] = 1 + asymmetry(unsure, large, c.option("temperature", 1))
        joint = c.losses(sum(terms.values()) + bias, batch.labels).mean(1)
        gamma = c.option("gamma") if c.progress >= WARM else 1.0
        return joint + gamma * unimodal_losses(alone, c, batch)


def asymmetry(unsure: Lanes, large: Lanes, temperature: Lanes | float) -> Lanes:
    """Weights of encoders, ``(lane, modality)``, that sum to 1.

    Args:
        unsure: Entropy of what each modality says, ``(lane, modality)``.
        large: Size of its logits, which says how much the answer depends on it.
        temperature: How unequal weights are; one number, or ``(lane, 1)``.
    """
    share = (unsure / unsure.sum(-1, keepdim=True).clamp(min=TINY)).clamp(min=LEAST)
    wanted = (1 / share) / (1 / share).sum(-1, keepdim=True)
    depends = large / large.sum(-1, keepdim=True).clamp(min=TINY)
    return (temperature * others(depends) * wanted).softmax(-1)


METHOD = AsymmetricLearning
