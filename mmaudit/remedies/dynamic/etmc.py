"""ETMC: TMC with one more view, of all modalities together, so that synergy is not lost."""

import torch
from torch.nn import functional

from mmaudit.remedies.base import Remedy
from mmaudit.remedies.context import LaneContext
from mmaudit.remedies.evidence import EvidenceFusion
from mmaudit.remedies.layers import Lanes, Parameters, Shapes, mlp, mlp_shapes
from mmaudit.remedies.method import Encoded, There

REMEDY = Remedy(
    challenge="varying",
    head="mlp",
    source=(
        "Han et al., Trusted Multi-View Classification with Dynamic Evidential Fusion, TPAMI 2023, "
        "arXiv:2204.11423; the view of all has a hidden layer, and what is absent is in it the mean"
    ),
    grid=({"anneal": 0.25}, {"anneal": 0.5}, {"anneal": 1.0}),
)


class PseudoView(EvidenceFusion):
    """One view a modality, and one of their encodings side by side."""

    def shapes(self, c: LaneContext) -> Shapes:
        """Networks of one modality each, and one of all."""
        wide = c.setup.width * len(c.modalities)
        return super().shapes(c) | mlp_shapes("pseudo", wide, c.setup.width, c.outputs)

    def views(
        self, p: Parameters, c: LaneContext, h: Encoded, present: There
    ) -> tuple[Lanes, Lanes]:
        """Evidence of each view and of all together, which counts where anything is present."""
        evidence, there = super().views(p, c, h, present)
        pseudo = mlp(p, "pseudo", torch.cat([h[m] for m in c.modalities], -1))
        return (
            torch.cat([evidence, functional.softplus(pseudo).unsqueeze(2)], 2),
            torch.cat([there, there.amax(-1, keepdim=True)], -1),
        )


METHOD = PseudoView
