"""Maximum probability: the answers of each modality, weighted by how sure it says it is."""

import torch

from mmaudit.remedies.base import Remedy
from mmaudit.remedies.context import LaneContext
from mmaudit.remedies.late import LateFusion, normalised, stacked, weighted
from mmaudit.remedies.layers import Lanes, Parameters
from mmaudit.remedies.method import Encoded, There

REMEDY = Remedy(
    challenge="varying",
    head="late",
    source=(
        "Hendrycks and Gimpel, ICLR 2017, arXiv:1610.02136, for the confidence; as a weight of "
        "late fusion it is ours"
    ),
)


class MaximumProbability(LateFusion):
    """The networks of the late mean as they are."""

    BASE = "control/late_mean"
    TRAINS = False

    def answers(self, p: Parameters, c: LaneContext, h: Encoded) -> Lanes:
        """Probabilities by each modality alone, ``(lane, n, class, modality)``."""
        return torch.stack([z.softmax(-1) for z in self.unimodal(p, c, h).values()], -1)

    def trust(self, p: Parameters, c: LaneContext, h: Encoded, present: There) -> Lanes:
        """Weight of each modality, ``(lane, n, modality)``."""
        return normalised(self.answers(p, c, h).amax(2) * stacked(c, present))

    def fuse(self, p: Parameters, c: LaneContext, h: Encoded, present: There) -> Lanes:
        """Probabilities."""
        return weighted(self.answers(p, c, h), self.trust(p, c, h, present))


METHOD = MaximumProbability
