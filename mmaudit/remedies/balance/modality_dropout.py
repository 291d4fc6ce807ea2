"""Modality dropout: in training each modality is left out by chance, never all of a row.

What is absent adds nothing to an answer, in training and after; what is left is not scaled up.
"""

from mmaudit.remedies.balance._joint import MaskedFusion, masked
from mmaudit.remedies.base import Remedy
from mmaudit.remedies.context import LaneBatch, LaneContext
from mmaudit.remedies.layers import Lanes, Parameters

REMEDY = Remedy(
    challenge="imbalanced",
    head="additive",
    source="Neverova et al. 2016 (ModDrop), arXiv:1501.00102; the chance is one for all modalities",
    tasks=("class", "number"),
    grid=({"chance": 0.2}, {"chance": 0.35}, {"chance": 0.5}),
)


class ModalityDropout(MaskedFusion):
    """Concatenation of what was not dropped."""

    def loss(self, p: Parameters, c: LaneContext, batch: LaneBatch) -> Lanes:
        """Loss of each lane, ``(lane,)``."""
        stays = c.drop(c.option("chance", 2), batch.labels.shape[1])
        h = masked(c, self.encoded(p, c, batch), stays)
        return c.losses(self.logits(p, c, h, batch.present), batch.labels).mean(1)


METHOD = ModalityDropout
