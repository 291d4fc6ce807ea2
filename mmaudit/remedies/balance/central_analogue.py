"""Central connections, an analogue: a layer joins what encoders say early, and tells each."""

import torch
from torch.nn import functional

from mmaudit.remedies.base import Remedy
from mmaudit.remedies.context import LaneContext
from mmaudit.remedies.layers import Lanes, Parameters, Shapes, linear, linear_shapes
from mmaudit.remedies.method import Encoded, Method, There

REMEDY = Remedy(
    challenge="imbalanced",
    head="mlp",
    source="Zhou and Lim 2021, ICCV (lateral connections of a central stream at low levels)",
    analogue="one level of features that are made already; the published one joins the low levels "
    "of two streams of images",
    tasks=("class", "number"),
)


class CentralConnections(Method):
    """A second layer of each modality, which sees the first layers of all through one centre."""

    def shapes(self, c: LaneContext) -> Shapes:
        """Concatenation's, the centre, and the second layers."""
        width = c.setup.width
        out = super().shapes(c) | linear_shapes("centre", width * len(c.modalities), width)
        for m in c.modalities:
            out |= linear_shapes(f"own.{m}", width, width)
            out |= {f"back.{m}.w": (width, width)}
        return out

    def logits(self, p: Parameters, c: LaneContext, h: Encoded, present: There) -> Lanes:
        """Logits, or numbers, of the second layers, ``(lane, n, output)``."""
        centre = functional.relu(linear(p, "centre", torch.cat([h[m] for m in c.modalities], -1)))
        second = {
            m: functional.relu(linear(p, f"own.{m}", h[m]) + torch.bmm(centre, p[f"back.{m}.w"]))
            for m in c.modalities
        }
        return super().logits(p, c, second, present)


METHOD = CentralConnections
