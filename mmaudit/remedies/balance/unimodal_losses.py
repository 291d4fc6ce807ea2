"""Unimodal losses: concatenation, with a loss of each modality's own head beside the joint one.

The control of every balance method: many of them hold these losses, and a gain that they alone
bring is not a gain of what stands beside them.
"""

from mmaudit.remedies.balance._joint import JointFusion
from mmaudit.remedies.base import Remedy
from mmaudit.remedies.context import LaneBatch, LaneContext
from mmaudit.remedies.layers import Lanes, Parameters

REMEDY = Remedy(
    challenge="imbalanced",
    head="additive",
    source="a part of many methods; alone as in Du et al. 2023, arXiv:2305.01233; heads are apart "
    "from the joint one",
    tasks=("class", "number"),
    grid=({"weight": 0.3}, {"weight": 1.0}, {"weight": 3.0}),
)


class UnimodalLosses(JointFusion):
    """The joint loss and ``weight`` times the sum of the own ones."""

    def loss(self, p: Parameters, c: LaneContext, batch: LaneBatch) -> Lanes:
        """Loss of each lane, ``(lane,)``."""
        joint, own = self.joint_and_own(p, c, batch)
        return joint + c.option("weight") * own


METHOD = UnimodalLosses
