"""MMTM: each modality's encoding is gated by what all of them together say."""

import torch
from torch.nn import functional

from mmaudit.remedies.base import Remedy
from mmaudit.remedies.context import LaneContext
from mmaudit.remedies.layers import Lanes, Parameters, Shapes, linear, linear_shapes
from mmaudit.remedies.method import Encoded, Method, There

REMEDY = Remedy(
    challenge="varying",
    head="mlp",
    source="Joze et al. 2020, arXiv:1911.08670; squeezed into the width of one encoding, which is "
    "their ratio of 4 for two; gates are twice a sigmoid and begin at 1, where concatenation is",
    tasks=("class", "number"),
)


class TransferModule(Method):
    """Concatenation of encodings that are multiplied by gates."""

    def shapes(self, c: LaneContext) -> Shapes:
        """Those of concatenation, what squeezes, and what excites."""
        wide = c.setup.width
        excite = {
            f"excite.{m}.{end}": shape
            for m in c.modalities
            for end, shape in (("zero", (wide, wide)), ("b", (wide,)))
        }
        squeeze = linear_shapes("squeeze", wide * len(c.modalities), wide)
        return super().shapes(c) | squeeze | excite

    def gates(self, p: Parameters, c: LaneContext, h: Encoded) -> Encoded:
        """Gate of each number of each encoding, in (0, 2)."""
        whole = torch.cat([h[m] for m in c.modalities], -1)
        squeezed = functional.relu(linear(p, "squeeze", whole))
        return {
            m: 2
            * torch.baddbmm(
                p[f"excite.{m}.b"].unsqueeze(1), squeezed, p[f"excite.{m}.zero"]
            ).sigmoid()
            for m in c.modalities
        }

    def logits(self, p: Parameters, c: LaneContext, h: Encoded, present: There) -> Lanes:
        """Logits, or numbers, ``(lane, n, output)``."""
        gates = self.gates(p, c, h)
        return super().logits(p, c, {m: h[m] * gates[m] for m in c.modalities}, present)


METHOD = TransferModule
