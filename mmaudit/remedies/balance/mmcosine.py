"""MMCosine: each modality adds the cosines of its encoding with the classes, however long it is."""

import torch
from torch.nn import functional

from mmaudit.remedies.balance._joint import MaskedFusion, masked
from mmaudit.remedies.base import Remedy
from mmaudit.remedies.context import LaneContext
from mmaudit.remedies.layers import Lanes, Parameters, Shapes
from mmaudit.remedies.method import Encoded, There

REMEDY = Remedy(
    challenge="imbalanced",
    head="additive",
    source="Xu et al. 2023, arXiv:2303.05338; what is absent adds nothing",
    grid=({"scale": 5.0}, {"scale": 10.0}, {"scale": 20.0}),
)


class CosineFusion(MaskedFusion):
    """A sum of scaled cosines, without a bias."""

    def shapes(self, c: LaneContext) -> Shapes:
        """Concatenation's, without the bias."""
        return {name: shape for name, shape in super().shapes(c).items() if name != "head.b"}

    def terms(self, p: Parameters, c: LaneContext, h: Encoded) -> dict[str, Lanes]:
        """Scaled cosines, ``(lane, n, class)``, of each modality; within ± the scale."""
        scale = c.option("scale", 2)
        return {
            m: scale
            * torch.bmm(
                functional.normalize(h[m], dim=-1),
                functional.normalize(p[f"head.{m}.w"], dim=1),
            )
            for m in c.modalities
        }

    def logits(self, p: Parameters, c: LaneContext, h: Encoded, present: There) -> Lanes:
        """The sum of the cosines of what is present, ``(lane, n, class)``."""
        there = torch.stack([present[m] for m in c.modalities], -1)
        return sum(self.terms(p, c, masked(c, h, there)).values())


METHOD = CosineFusion
