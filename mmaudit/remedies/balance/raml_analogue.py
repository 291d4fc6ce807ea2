"""RAML, an analogue: encoders learn alone, at one length; the head learns from damaged encodings.

The head is to answer of a damaged row as of the whole one, by what its modalities share.
"""

from math import sqrt

import torch
from torch.nn import functional

from mmaudit.remedies.balance._joint import masked
from mmaudit.remedies.balance._noise import noise
from mmaudit.remedies.base import Remedy
from mmaudit.remedies.context import LaneBatch, LaneContext
from mmaudit.remedies.late import unimodal, unimodal_losses, unimodal_shapes
from mmaudit.remedies.layers import Lanes, Parameters, Shapes, mlp, mlp_shapes
from mmaudit.remedies.method import Encoded, Method, There

GROUPS = 4  # of the numbers of an encoding
CLEAN, ABSENT, PARTS, NOISE, SWAPPED = range(5)  # what may happen to a modality of a row
DAMAGED = 0.5  # chance of a row

REMEDY = Remedy(
    challenge="incomplete",
    head="mlp",
    source="Chen et al. 2023 (redundancy-adaptive multimodal learning), arXiv:2310.14496, by its "
    "abstract",
    analogue="written from the abstract: the paper's formulas were not read; both stages are one "
    "training, in which the head's loss does not reach the encoders",
    grid=({"weight": 0.3}, {"weight": 1.0}, {"weight": 3.0}),
)


class RedundancyFusion(Method):
    """Encodings of one length under a network that was shown damage."""

    MASKS = True

    def shapes(self, c: LaneContext) -> Shapes:
        """Encoders, own heads, and the network over all encodings."""
        wide = c.setup.width * len(c.modalities)
        own = self.encoder_shapes(c) | unimodal_shapes(c)
        return own | mlp_shapes("head", wide, c.setup.width, c.outputs)

    def encode(self, p: Parameters, c: LaneContext, modality: str, x: Lanes) -> Lanes:
        """Encode one modality, at one length, ``(lane, n, width)``."""
        return of_length(super().encode(p, c, modality, x))

    def logits(self, p: Parameters, c: LaneContext, h: Encoded, present: There) -> Lanes:
        """Logits of what is present, ``(lane, n, class)``."""
        there = torch.stack([present[m] for m in c.modalities], -1)
        h = masked(c, h, there)
        return mlp(p, "head", torch.cat([h[m] for m in c.modalities], -1))

    def loss(self, p: Parameters, c: LaneContext, batch: LaneBatch) -> Lanes:
        """Loss of each lane, ``(lane,)``."""
        h = self.encoded(p, c, batch)
        own = unimodal_losses(unimodal(p, c, h), c, batch)
        fixed = {m: e.detach() for m, e in h.items()}
        with torch.no_grad():
            whole = self.logits(p, c, fixed, batch.present).log_softmax(-1)
        logits = self.logits(p, c, damaged(c, fixed), batch.present)
        apart = (whole.exp() * (whole - logits.log_softmax(-1))).sum(-1)
        head = c.losses(logits, batch.labels) + c.option("weight", 1) * apart
        return own + head.mean(1)


def of_length(h: Lanes) -> Lanes:
    """Encodings as long as the root of their width, or 0 where they are 0; ``(lane, n, width)``."""
    return sqrt(h.shape[-1]) * functional.normalize(h, dim=-1)


def damaged(c: LaneContext, h: Encoded) -> Encoded:
    """Encodings of which each modality of each row may be absent, partly so, noisy or swapped."""
    n, count, width = h[c.modalities[0]].shape[1], len(c.modalities), c.setup.width
    what = (c.draws.uniform("damage", c.step, n, count) * (SWAPPED + 1)).long()
    worse = c.draws.uniform("damage/row", c.step, n, 1) < DAMAGED
    what = torch.where(worse, what, torch.full_like(what, CLEAN))
    group = torch.arange(width) * GROUPS // width
    hit = (c.draws.uniform("damage/group", c.step, n, count, GROUPS) < 0.5)[..., group]
    loud = noise(c, "damage/noise", n, count, width)
    out = {}
    for i, m in enumerate(c.modalities):
        kind, parts = what[..., i : i + 1], hit[:, :, i]
        e = torch.where((kind == ABSENT) | ((kind == PARTS) & parts), 0.0, h[m])
        e = torch.where((kind == SWAPPED) & parts, h[m].roll(1, 1), e)
        out[m] = torch.where(kind == NOISE, e + loud[:, :, i], e)
    return out


METHOD = RedundancyFusion
