"""UNO: answers that are more unsure than usual are flattened; the rest by Noisy-Or."""

import math

import torch

from mmaudit.remedies.base import Remedy
from mmaudit.remedies.context import LaneBatch, LaneContext
from mmaudit.remedies.late import LateFusion, normalised, stacked
from mmaudit.remedies.layers import Lanes, Parameters, entropy
from mmaudit.remedies.method import Encoded, There

REMEDY = Remedy(
    challenge="varying",
    head="late",
    source=(
        "Tian et al., UNO: Uncertainty-aware Noisy-Or Multimodal Fusion, ICRA 2020, "
        "arXiv:1911.05611; the entropy's usual range is that of held-out rows, for that of "
        "training rows is near 0"
    ),
)
LEAST = 0.05  # of the greatest entropy: the usual one is at least this
ALMOST = 1 - 1e-6  # a Noisy-Or of certainties keeps an order


class NoisyOr(LateFusion):
    """The networks of the late mean as they are, joined by how sure they usually are."""

    BASE = "control/late_mean"
    TRAINS = False

    def after(self, p: Parameters, c: LaneContext, held_out: LaneBatch) -> Parameters:
        """Mean and deviation of each modality's entropy on held-out rows, ``(lane, 2)``."""
        answers = self.unimodal(p, c, self.encoded(p, c, held_out))
        least = LEAST * math.log(c.outputs)
        return {
            f"usual.{m}": usual(entropy(z.softmax(-1)), held_out.present[m].float(), least)
            for m, z in answers.items()
        }

    def factors_of(self, p: Parameters, c: LaneContext, h: Encoded) -> Lanes:
        """Factor in (0, 1] on the logits of each modality, ``(lane, n, modality)``."""
        answers = self.unimodal(p, c, h).items()
        return torch.stack(
            [deviating(entropy(z.softmax(-1)), p[f"usual.{m}"]) for m, z in answers], -1
        )

    def trust(self, p: Parameters, c: LaneContext, h: Encoded, present: There) -> Lanes:
        """Share of each modality in the factors of what is there, ``(lane, n, modality)``."""
        return normalised(self.factors_of(p, c, h) * stacked(c, present))

    def fuse(self, p: Parameters, c: LaneContext, h: Encoded, present: There) -> Lanes:
        """Probabilities."""
        there, flatter = stacked(c, present), self.factors_of(p, c, h)
        none: Lanes = 1.0
        for i, z in enumerate(self.unimodal(p, c, h).values()):
            at = slice(i, i + 1)
            none = none * (1 - ALMOST * there[..., at] * (z * flatter[..., at]).softmax(-1))
        return (1 - none) / (1 - none).sum(-1, keepdim=True)


def usual(entropies: Lanes, there: Lanes, least: float) -> Lanes:
    """Mean, ``least`` at least, and deviation of what is there, ``(lane, n) -> (lane, 2)``."""
    rows = there.sum(1).clamp(min=1)
    mean = (entropies * there).sum(1) / rows
    deviation = (((entropies - mean.unsqueeze(1)) * there).square().sum(1) / rows).sqrt()
    return torch.stack([mean.clamp(min=least), deviation], -1)


def deviating(entropies: Lanes, usual: Lanes) -> Lanes:
    """Factor in (0, 1] on logits: 1 up to a deviation above the mean, then ever less."""
    mean, deviation = usual[:, :1], usual[:, 1:]
    return mean / ((entropies - mean - deviation).clamp(min=0) + mean)


METHOD = NoisyOr
