"""Late fusion with a gate, which reads hints: columns that a modality's encoding has beside it."""

import torch
from torch.nn import functional

from mmaudit.remedies.context import LaneContext
from mmaudit.remedies.late import LateFusion
from mmaudit.remedies.layers import Lanes, Parameters, Shapes, linear, linear_shapes
from mmaudit.remedies.method import Encoded, There

HINTS = 16  # columns that the gate reads of each modality


class GatedFusion(LateFusion):
    """Networks of one modality each, and of each some columns for the gate alone.

    A gate that read the networks' own encodings would change what they learn.
    """

    def shapes(self, c: LaneContext) -> Shapes:
        """Networks, and layers that make hints."""
        own = [linear_shapes(f"hints.{m}", c.widths[m], HINTS) for m in c.modalities]
        return super().shapes(c) | {name: shape for one in own for name, shape in one.items()}

    def encode(self, p: Parameters, c: LaneContext, modality: str, x: Lanes) -> Lanes:
        """Encoding and hints, ``(lane, n, d) -> (lane, n, width + hints)``."""
        return torch.cat([super().encode(p, c, modality, x), self.hints(p, c, modality, x)], -1)

    def hints(self, p: Parameters, c: LaneContext, modality: str, x: Lanes) -> Lanes:
        """What the gate reads of a modality, ``(lane, n, hints)``."""
        del c
        return functional.relu(linear(p, f"hints.{modality}", x))

    def unimodal(self, p: Parameters, c: LaneContext, h: Encoded) -> dict[str, Lanes]:
        """Logits of each modality by itself, which read its encoding alone."""
        return super().unimodal(p, c, self.encodings(c, h))

    def encodings(self, c: LaneContext, h: Encoded) -> Encoded:
        """Encodings without hints."""
        return {m: h[m][..., : c.setup.width] for m in c.modalities}

    def hinted(self, c: LaneContext, h: Encoded, present: There) -> Lanes:
        """Hints side by side, 0 where absent, ``(lane, n, hints of all)``."""
        own = [h[m][..., c.setup.width :] * present[m].float().unsqueeze(-1) for m in c.modalities]
        return torch.cat(own, -1)


def straight_through(hard: Lanes, soft: Lanes) -> Lanes:
    """The value of one, and the gradient of the other."""
    return hard + soft - soft.detach()


def unimodal_costs(c: LaneContext) -> Lanes:
    """Multiplications of each modality's own network, over those of all, ``(modality,)``."""
    own = torch.tensor([(c.widths[m] + c.outputs) * c.setup.width for m in c.modalities]).float()
    return own / own.sum()
