"""UMT: encodings stay near those of networks of one modality each, which were trained before."""

import torch

from mmaudit.remedies.balance._speeds import over_rows
from mmaudit.remedies.base import Remedy
from mmaudit.remedies.context import LaneBatch, LaneContext
from mmaudit.remedies.layers import Lanes, Parameters
from mmaudit.remedies.method import Method

REMEDY = Remedy(
    challenge="imbalanced",
    head="additive",
    source="Du et al. 2023, arXiv:2305.01233; the teachers are the networks of control/late_mean",
    tasks=("class", "number"),
    grid=({"weight": 1.0}, {"weight": 10.0}, {"weight": 50.0}),
)


class UnimodalTeacher(Method):
    """Concatenation, and the distance of each encoder from its teacher."""

    BASE = "control/late_mean"

    def loss(self, p: Parameters, c: LaneContext, batch: LaneBatch) -> Lanes:
        """Loss of each lane, ``(lane,)``."""
        h = self.encoded(p, c, batch)
        teachers: Parameters = c.base or {}
        with torch.no_grad():
            wanted = self.encoded(teachers, c, batch)
        away = {m: (h[m] - wanted[m]).square().mean(-1) for m in c.modalities}
        joint = c.losses(self.logits(p, c, h, batch.present), batch.labels).mean(1)
        return joint + c.option("weight") * over_rows(away, batch).sum(-1)


METHOD = UnimodalTeacher
