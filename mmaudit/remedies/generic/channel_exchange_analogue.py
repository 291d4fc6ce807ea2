"""Channel exchange: channels that a modality scales to nothing take what the others have there."""

import torch
from torch.nn import functional

from mmaudit.remedies.base import Remedy
from mmaudit.remedies.context import LaneBatch, LaneContext
from mmaudit.remedies.exchange import ensemble, ensemble_shapes, mean_of_others, sum_of_losses
from mmaudit.remedies.layers import Lanes, Parameters, Shapes, linear, linear_shapes
from mmaudit.remedies.method import Encoded, Method, There

DEAD = 2e-2  # scale below which a channel is exchanged

REMEDY = Remedy(
    challenge="varying",
    head="additive",
    source="Wang et al. 2020 (CEN), arXiv:2011.05005; each modality may exchange its own part of "
    "the channels; for more than two, it takes the mean of the others",
    analogue="channels are numbers of one vector, without a map, and each row is normalised over "
    "its channels, not each channel over the rows",
    grid=({"penalty": 2e-4}, {"penalty": 1e-3}, {"penalty": 5e-3}),
)


class ChannelExchange(Method):
    """A layer that all modalities share, scales of each one's own, and branches that vote."""

    def shapes(self, c: LaneContext) -> Shapes:
        """Encoders, the shared layer, scales and shifts of each modality, heads and votes."""
        wide = c.setup.width
        scales = {f"scale.{m}.one": (wide,) for m in c.modalities}
        shifts = {f"scale.{m}.b": (wide,) for m in c.modalities}
        shared = linear_shapes("shared", wide, wide)
        return self.encoder_shapes(c) | shared | scales | shifts | ensemble_shapes(c, wide)

    def channels(self, p: Parameters, c: LaneContext, h: Encoded) -> Encoded:
        """Channels of each modality after the exchange."""
        own = {}
        for m in c.modalities:
            level = functional.layer_norm(linear(p, "shared", h[m]), (c.setup.width,))
            scale, shift = p[f"scale.{m}.one"], p[f"scale.{m}.b"]
            own[m] = level * scale.unsqueeze(1) + shift.unsqueeze(1)
        taken = {m: self.dead(p, c, m).unsqueeze(1) for m in c.modalities}
        other = mean_of_others(own)
        return {m: functional.relu(torch.where(taken[m], other[m], own[m])) for m in own}

    def dead(self, p: Parameters, c: LaneContext, modality: str) -> Lanes:
        """Which channels of a modality are exchanged, ``(lane, width)``."""
        return (p[f"scale.{modality}.one"].abs() < DEAD) & own_part(c, modality)

    def logits(self, p: Parameters, c: LaneContext, h: Encoded, present: There) -> Lanes:
        """Logits of the branches' vote, ``(lane, n, class)``."""
        del present
        return ensemble(p, c, self.channels(p, c, h))[1]

    def loss(self, p: Parameters, c: LaneContext, batch: LaneBatch) -> Lanes:
        """Losses of every branch and of their vote, and what scales cost."""
        total = sum_of_losses(p, c, self.channels(p, c, self.encoded(p, c, batch)), batch)
        for m in c.modalities:
            scales = p[f"scale.{m}.one"].abs() * own_part(c, m)
            total = total + c.option("penalty") * scales.sum(-1)
        return total


def own_part(c: LaneContext, modality: str) -> Lanes:
    """The channels that a modality may give up: every part belongs to one, ``(width,)`` bool."""
    return torch.arange(c.setup.width) % len(c.modalities) == c.modalities.index(modality)


METHOD = ChannelExchange
