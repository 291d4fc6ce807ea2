"""Hierarchical fusion: modalities are joined two by two, in their order, until one is left."""

from itertools import count

import torch
from torch.nn import functional

from mmaudit.remedies.base import Remedy
from mmaudit.remedies.context import LaneContext
from mmaudit.remedies.layers import Lanes, Parameters, Shapes, linear, linear_shapes
from mmaudit.remedies.method import Encoded, Method, There

REMEDY = Remedy(
    challenge="",
    head="mlp",
    source="pairs first, then pairs of pairs; Majumder et al. 2018, arXiv:1806.06228",
    tasks=("class", "number"),
)


class Hierarchical(Method):
    """Encoders, a layer for each pair, a layer for each pair of these, and a linear layer."""

    def shapes(self, c: LaneContext) -> Shapes:
        """Encoders, joints and the head."""
        wide = c.setup.width
        joins = len(c.modalities) - 1
        layers = [linear_shapes(f"joint.{i}", 2 * wide, wide) for i in range(joins)]
        joints = {name: shape for layer in layers for name, shape in layer.items()}
        return self.encoder_shapes(c) | joints | linear_shapes("head", wide, c.outputs)

    def logits(self, p: Parameters, c: LaneContext, h: Encoded, present: There) -> Lanes:
        """Logits, or numbers, ``(lane, n, output)``."""
        del present
        nodes = [h[m] for m in c.modalities]
        at = count()
        while len(nodes) > 1:
            pairs = zip(nodes[::2], nodes[1::2], strict=False)
            joined = [
                functional.relu(linear(p, f"joint.{next(at)}", torch.cat(pair, -1)))
                for pair in pairs
            ]
            nodes = joined + nodes[2 * len(joined) :]
        return linear(p, "head", nodes[0])


METHOD = Hierarchical
