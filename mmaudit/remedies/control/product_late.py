"""Late product: the probabilities of single modalities multiplied, as of independent witnesses.

It says more than each of them where they agree, and one modality that is wrong and sure can veto
all others: the mirror image of the late mean.
"""

import torch

from mmaudit.remedies.base import Remedy
from mmaudit.remedies.context import LaneContext
from mmaudit.remedies.late import LateFusion, stacked
from mmaudit.remedies.layers import Lanes, Parameters
from mmaudit.remedies.method import Encoded, There

REMEDY = Remedy(
    challenge="",
    head="late",
    source="product rule, Kittler et al. 1998, doi:10.1109/34.667881; of equal priors",
)


class ProductLate(LateFusion):
    """Late fusion by the sum of log-probabilities."""

    BASE, TRAINS = "control/late_mean", False

    def fuse(self, p: Parameters, c: LaneContext, h: Encoded, present: There) -> Lanes:
        """Product of the probabilities of what is there, normalised."""
        logs = torch.stack([z.log_softmax(-1) for z in self.unimodal(p, c, h).values()], -1)
        return (logs * stacked(c, present).unsqueeze(2)).sum(-1).softmax(-1)


METHOD = ProductLate
