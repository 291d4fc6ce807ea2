"""Concatenation under a network with one hidden layer, which can see synergy.

The control of every method whose head mixes modalities before its last layer.
"""

import torch

from mmaudit.remedies.base import Remedy
from mmaudit.remedies.context import LaneContext
from mmaudit.remedies.layers import Lanes, Parameters, Shapes, mlp, mlp_shapes
from mmaudit.remedies.method import Encoded, Method, There

REMEDY = Remedy(
    challenge="",
    head="mlp",
    source="early fusion by concatenation; Baltrušaitis et al. 2019, arXiv:1705.09406",
    tasks=("class", "number"),
)


class ConcatMLP(Method):
    """Encoders, and one network over all that they say."""

    def shapes(self, c: LaneContext) -> Shapes:
        """Encoders, and the network."""
        wide = c.setup.width * len(c.modalities)
        return self.encoder_shapes(c) | mlp_shapes("head", wide, c.setup.width, c.outputs)

    def logits(self, p: Parameters, c: LaneContext, h: Encoded, present: There) -> Lanes:
        """Logits, or numbers, ``(lane, n, output)``."""
        del present
        return mlp(p, "head", torch.cat([h[m] for m in c.modalities], -1))


METHOD = ConcatMLP
