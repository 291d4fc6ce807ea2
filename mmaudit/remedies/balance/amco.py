"""AMCo: of a modality that an answer depends on too much more and more is hidden."""

import math

import torch

from mmaudit.remedies.balance._speeds import split_logits
from mmaudit.remedies.base import Remedy
from mmaudit.remedies.context import LaneBatch, LaneContext
from mmaudit.remedies.late import unimodal_losses
from mmaudit.remedies.layers import Lanes, Parameters
from mmaudit.remedies.method import Method

REMEDY = Remedy(
    challenge="imbalanced",
    head="additive",
    source="Zhou et al. 2023, doi:10.1109/ICASSP49357.2023.10096641; what is hidden are "
    "numbers of the encoding, and a modality is too much with more than an even share",
    grid=({"ramp": 0.3}, {"ramp": 1.0}, {"ramp": 3.0}),
)


class AdaptiveMask(Method):
    """Concatenation and the loss of each term, with encodings that are partly hidden."""

    def loss(self, p: Parameters, c: LaneContext, batch: LaneBatch) -> Lanes:
        """Loss of each lane, ``(lane,)``."""
        h = self.encoded(p, c, batch)
        with torch.no_grad():
            too_much = shares(self.terms(p, c, h)) > 1 / len(c.modalities)
        hidden = hidden_share(c.progress, c.option("ramp"))
        rank = c.draws.uniform("hide", c.step, len(c.modalities), c.setup.width).argsort(-1)
        count = (hidden * c.setup.width).floor().view(-1, 1, 1)
        stays = ((rank >= count) | ~too_much.unsqueeze(-1)).float()
        h = {m: h[m] * stays[:, i].unsqueeze(1) for i, m in enumerate(c.modalities)}
        own = split_logits(p, c, self.terms(p, c, h))
        joint = c.losses(sum(own.values()), batch.labels).mean(1)
        return joint + unimodal_losses(own, c, batch)


def shares(terms: dict[str, Lanes]) -> Lanes:
    """Share of each modality in a softmax over all classes of all, ``(lane, modality)``."""
    every = torch.stack(list(terms.values()), 2)
    return every.flatten(2).softmax(-1).view(every.shape).sum(-1).mean(1)


def hidden_share(progress: float, ramp: Lanes) -> Lanes:
    """Share of an encoding that is hidden: 0 at first, all from the end of the ramp on.

    Args:
        progress: Share of the updates that are done.
        ramp: Share of the updates at which all is hidden, ``(lane,)``; may be more than 1.
    """
    return torch.sin(math.pi / 2 * (progress / ramp).clamp(max=1))


METHOD = AdaptiveMask
