"""Rates of modalities: what has learned least so far gets the longest steps.

How much a modality has learned is told by a head of its own that looks on.
"""

import math

from mmaudit.remedies.balance._speeds import PACE, PacedFusion, over_rows
from mmaudit.remedies.base import Remedy
from mmaudit.remedies.context import LaneBatch, LaneContext
from mmaudit.remedies.late import unimodal, unimodal_losses, unimodal_shapes
from mmaudit.remedies.layers import Lanes, Parameters, Shapes

LAST = 0.1  # share of the newest batch in a running loss
LITTLE = 0.05  # progress at least
SLOWEST, FASTEST = 0.2, 5.0

REMEDY = Remedy(
    challenge="imbalanced",
    head="additive",
    source="Yao and Mihalcea 2022 (modality-specific learning rates), ACL Findings 143, and "
    "Sun et al. 2021 (tracking), IEEE document 9503315; rates follow the running training loss of "
    "each modality instead of a search",
    tasks=("class", "number"),
    grid=({"power": 0.5}, {"power": 1.0}, {"power": 2.0}),
)


class TrackedRates(PacedFusion):
    """Concatenation, whose encoders have rates of their own."""

    def shapes(self, c: LaneContext) -> Shapes:
        """Concatenation's, and those of the heads that look on."""
        return super().shapes(c) | unimodal_shapes(c)

    def loss(self, p: Parameters, c: LaneContext, batch: LaneBatch) -> Lanes:
        """Loss of each lane, ``(lane,)``."""
        h = self.encoded(p, c, batch)
        own = unimodal(p, c, {m: e.detach() for m, e in h.items()})
        now = over_rows({m: c.losses(z.detach(), batch.labels) for m, z in own.items()}, batch)
        running: Lanes = c.memory.get("losses", now)
        c.memory["losses"] = running + LAST * (now - running)
        chance = math.log(c.outputs) if c.task == "class" else 1.0
        c.memory[PACE] = rates(1 - c.memory["losses"] / chance) ** c.option("power", 1)
        joint = c.losses(self.logits(p, c, h, batch.present), batch.labels).mean(1)
        return joint + unimodal_losses(own, c, batch)


def rates(progress: Lanes) -> Lanes:
    """Factors of rates, ``(lane, modality)``: inverse to progress, 1 on average before limits.

    Args:
        progress: Share of the loss of guessing that is gone, ``(lane, modality)``.
    """
    slow = 1 / progress.clamp(min=LITTLE)
    return (slow / slow.mean(-1, keepdim=True)).clamp(SLOWEST, FASTEST)


METHOD = TrackedRates
