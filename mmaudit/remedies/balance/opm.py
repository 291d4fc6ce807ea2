"""OPM: a modality that is ahead is left out of rows by chance, the more often the further ahead."""

import torch

from mmaudit.remedies.balance._aside import mean_of
from mmaudit.remedies.balance._joint import masked
from mmaudit.remedies.balance._speeds import against_others, split_logits, true_class
from mmaudit.remedies.base import Remedy
from mmaudit.remedies.context import LaneBatch, LaneContext
from mmaudit.remedies.layers import Lanes, Parameters
from mmaudit.remedies.method import Method

DONE = 0.7  # share of the updates in which anything is left out
STEEP = 0.5  # lambda
MOST = 0.95  # chance

REMEDY = Remedy(
    challenge="imbalanced",
    head="additive",
    source="Wei et al. 2024 (on-the-fly prediction modulation), TPAMI, arXiv:2410.11582; several "
    "others count by their mean",
    grid=({"chance": 0.2}, {"chance": 0.4}, {"chance": 0.5}),
)


class PredictionModulation(Method):
    """Concatenation, in which what is ahead is dropped in training."""

    def loss(self, p: Parameters, c: LaneContext, batch: LaneBatch) -> Lanes:
        """Loss of each lane on the rows of which something stays, ``(lane,)``."""
        h = self.encoded(p, c, batch)
        said = split_logits(p, c, self.terms(p, c, {m: e.detach() for m, e in h.items()}))
        ratios = against_others(true_class(said, batch))
        done = c.draws.uniform("execute", c.step, 1) < DONE
        chance = chances(ratios, c.option("chance", 1)) * done
        drawn = c.draws.uniform("drop", c.step, batch.labels.shape[1], len(c.modalities))
        stays = drawn >= chance.unsqueeze(1)
        scale = 1 / (1 - chance.mean(-1)).view(-1, 1, 1)
        logits = self.logits(p, c, masked(c, h, stays * scale), batch.present)
        return mean_of(c.losses(logits, batch.labels), stays.any(-1).float())


def chances(ratios: Lanes, base: Lanes | float) -> Lanes:
    """Chance of each modality of being left out, ``(lane, modality)``; 0 of what is not ahead.

    Args:
        ratios: Each modality against the others.
        base: Chance of what is barely ahead; one number, or ``(lane, 1)``.
    """
    chance = base * (1 + STEEP * torch.tanh((ratios - 1).clamp(min=0)))
    return torch.where(ratios > 1, chance, torch.zeros_like(ratios)).clamp(max=MOST)


METHOD = PredictionModulation
