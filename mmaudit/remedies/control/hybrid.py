"""Hybrid fusion: the mean of an early branch over all encodings and of a late mean, half each."""

import torch

from mmaudit.remedies.base import Remedy
from mmaudit.remedies.context import LaneBatch, LaneContext
from mmaudit.remedies.late import LateFusion, unimodal_losses
from mmaudit.remedies.layers import Lanes, Parameters, Shapes, mlp, mlp_shapes
from mmaudit.remedies.method import Encoded, There

REMEDY = Remedy(
    challenge="",
    head="mlp",
    source="hybrid fusion, Atrey et al. 2010, doi:10.1007/s00530-010-0182-0; one encoder serves "
    "both branches",
    tasks=("class", "number"),
)


class Hybrid(LateFusion):
    """Late fusion, and one network over all encodings beside it."""

    def shapes(self, c: LaneContext) -> Shapes:
        """Those of late fusion, and the network."""
        wide = c.setup.width * len(c.modalities)
        return super().shapes(c) | mlp_shapes("head", wide, c.setup.width, c.outputs)

    def logits(self, p: Parameters, c: LaneContext, h: Encoded, present: There) -> Lanes:
        """Logits, or numbers, of the early branch, ``(lane, n, output)``."""
        del present
        return mlp(p, "head", torch.cat([h[m] for m in c.modalities], -1))

    def loss(self, p: Parameters, c: LaneContext, batch: LaneBatch) -> Lanes:
        """Loss of the early branch and of each modality by itself."""
        h = self.encoded(p, c, batch)
        early = c.losses(self.logits(p, c, h, batch.present), batch.labels).mean(1)
        return early + unimodal_losses(self.unimodal(p, c, h), c, batch)

    def fuse(self, p: Parameters, c: LaneContext, h: Encoded, present: There) -> Lanes:
        """Mean of both branches."""
        early = c.answer(self.logits(p, c, h, present))
        return (early + super().fuse(p, c, h, present)) / 2


METHOD = Hybrid
