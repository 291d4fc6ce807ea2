"""DynMM: a gate sends each row to one expert, a modality's or that of all, and cost counts."""

import torch
from torch.nn import functional

from mmaudit.remedies.base import Remedy
from mmaudit.remedies.context import LaneBatch, LaneContext
from mmaudit.remedies.gates import HINTS, GatedFusion, straight_through
from mmaudit.remedies.late import normalised, stacked, unimodal_losses
from mmaudit.remedies.layers import (
    Lanes,
    Parameters,
    Shapes,
    linear,
    linear_shapes,
    mlp,
    mlp_shapes,
)
from mmaudit.remedies.method import Encoded, There

REMEDY = Remedy(
    challenge="varying",
    head="mlp",
    source=(
        "Xue and Marculescu, Dynamic Multimodal Fusion, CVPR workshops 2023, arXiv:2204.00102; "
        "experts learn on all rows beside the gate, not before it; it cools to .1, not .001; cost "
        "is multiplications; held-out rows choose by errors alone"
    ),
    grid=({"cost": 0.03}, {"cost": 0.1}, {"cost": 0.3}),
)
COLDEST = 0.1  # temperature at the end; colder, the gate stays where it is


class ExpertChoice(GatedFusion):
    """One expert a modality, one of all; the gate is hard, its gradient soft."""

    def shapes(self, c: LaneContext) -> Shapes:
        """Experts, and the gate."""
        m, w = len(c.modalities), c.setup.width
        fused = mlp_shapes("fused", m * w, w, c.outputs)
        return super().shapes(c) | fused | linear_shapes("gate", m * HINTS, m + 1)

    def experts(self, p: Parameters, c: LaneContext, h: Encoded) -> tuple[dict[str, Lanes], Lanes]:
        """Logits of each modality's expert, and of that of all, ``(lane, n, class)``."""
        return self.unimodal(p, c, h), mlp(
            p, "fused", torch.cat(list(self.encodings(c, h).values()), -1)
        )

    def gate(self, p: Parameters, c: LaneContext, h: Encoded, present: There) -> Lanes:
        """How much speaks for each expert, ``(lane, n, expert)``; nothing for what is absent."""
        z = linear(p, "gate", self.hinted(c, h, present))
        there = torch.stack([present[m] for m in c.modalities], -1)
        able = functional.pad(there, (0, 1), value=True)
        return z.masked_fill(~able, -torch.inf)

    def loss(self, p: Parameters, c: LaneContext, batch: LaneBatch) -> Lanes:
        """Losses of every expert, of the one that answers, and what it costs."""
        h = self.encoded(p, c, batch)
        answers, fused = self.experts(p, c, h)
        soft = (self.gate(p, c, h, batch.present) / COLDEST**c.progress).softmax(-1)
        route = straight_through(first(soft), soft)
        answer = (torch.stack([*answers.values(), fused], -1) * route.unsqueeze(2)).sum(-1)
        total = unimodal_losses(answers, c, batch) + c.losses(fused, batch.labels).mean(1)
        cost = (soft * expert_costs(c)).sum(-1).mean(1)
        return total + c.losses(answer, batch.labels).mean(1) + c.option("cost") * cost

    def trust(self, p: Parameters, c: LaneContext, h: Encoded, present: There) -> Lanes:
        """1 of the modality whose expert answers, alike where that of all does."""
        route = first(self.gate(p, c, h, present))
        alike = normalised(stacked(c, present))
        return route[..., :-1] + route[..., -1:] * alike

    def fuse(self, p: Parameters, c: LaneContext, h: Encoded, present: There) -> Lanes:
        """Probabilities of the expert that each row is sent to."""
        answers, fused = self.experts(p, c, h)
        route = first(self.gate(p, c, h, present))
        return (
            (torch.stack([*answers.values(), fused], -1) * route.unsqueeze(2)).sum(-1).softmax(-1)
        )


def first(scores: Lanes) -> Lanes:
    """1 at the highest of the last axis, 0 elsewhere."""
    return functional.one_hot(scores.argmax(-1), scores.shape[-1]).float()


def expert_costs(c: LaneContext) -> Lanes:
    """Multiplications of each expert, over those of the one of all, ``(expert,)``."""
    every = sum(c.widths.values()) + len(c.modalities) * c.setup.width + c.outputs
    own = [c.widths[m] + c.outputs for m in c.modalities]
    return torch.tensor([*own, every]) / every


METHOD = ExpertChoice
