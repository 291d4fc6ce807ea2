"""Activity weights: encodings are added, each by its share of what all of them are in size.

Noise that makes an encoding larger is rewarded: a labelled weak rule, for comparison.
"""

import torch

from mmaudit.remedies.base import Remedy
from mmaudit.remedies.context import LaneContext
from mmaudit.remedies.late import normalised, stacked, weighted
from mmaudit.remedies.layers import Lanes, Parameters, Shapes, linear, linear_shapes
from mmaudit.remedies.method import Encoded, Method, There

REMEDY = Remedy(
    challenge="varying",
    head="additive",
    source="Li and Wu 2019 (DenseFuse, l1-norm strategy), arXiv:1804.08361, on encodings",
    tasks=("class", "number"),
)


class ActivityWeights(Method):
    """Encodings in one space, added by weights without parameters, under one layer."""

    MASKS = True

    def shapes(self, c: LaneContext) -> Shapes:
        """Encoders and the layer."""
        return self.encoder_shapes(c) | linear_shapes("head", c.setup.width, c.outputs)

    def logits(self, p: Parameters, c: LaneContext, h: Encoded, present: There) -> Lanes:
        """Logits, or numbers, ``(lane, n, output)``."""
        each = torch.stack([h[m] for m in c.modalities], -1)
        return linear(p, "head", weighted(each, self.trust(p, c, h, present)))

    def trust(self, p: Parameters, c: LaneContext, h: Encoded, present: There) -> Lanes:
        """Weight of each modality, ``(lane, n, modality)``."""
        del p
        return normalised(
            shares(torch.stack([h[m] for m in c.modalities], -1)) * stacked(c, present)
        )


def shares(each: Lanes) -> Lanes:
    """Share of each modality's mean absolute number, ``(lane, n, modality)``.

    Args:
        each: Encodings, ``(lane, n, width, modality)``.
    """
    activity = each.abs().mean(2) + 1e-6  # a sum of encodings that are all 0 has equal shares
    return activity / activity.sum(-1, keepdim=True)


METHOD = ActivityWeights
