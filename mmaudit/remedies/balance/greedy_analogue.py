"""Greedy balance, an analogue: the branch that listens to the other faster goes without it a while.

Two branches squeeze each other's encodings into gates. Where one branch's gates learn faster than
its own layers, by more than the other's do, its gates are held at their mean for some updates.
"""

import torch
from torch.nn import functional

from mmaudit.remedies.base import Remedy
from mmaudit.remedies.context import LaneBatch, LaneContext
from mmaudit.remedies.late import unimodal, unimodal_losses, unimodal_shapes
from mmaudit.remedies.layers import TINY, Lanes, Parameters, Shapes, flat, linear, linear_shapes
from mmaudit.remedies.method import Encoded, Method, There, trunk

HOLD = 5  # updates
RATIO = 4  # of the widths of both branches to that of the squeezed vector
EPOCHS = 2  # before anything is held

REMEDY = Remedy(
    challenge="imbalanced",
    head="mlp",
    source="Wu et al. 2022, arXiv:2202.05306, on gates of Joze et al. 2020 (MMTM), "
    "arXiv:1911.08670",
    analogue="one level of gates on vectors that are made already; the published one has gates at "
    "several depths of two image networks",
    tasks=("class", "number"),
    most=2,
    grid=({"gap": 0.01}, {"gap": 0.03}, {"gap": 0.1}),
)


class GatedBranches(Method):
    """Two branches with gates; their answers are averaged."""

    def shapes(self, c: LaneContext) -> Shapes:
        """Encoders, the squeezed vector, gates and heads."""
        wide = c.setup.width * len(c.modalities)
        out = self.encoder_shapes(c) | linear_shapes("squeeze", wide, wide // RATIO)
        for m in c.modalities:
            out |= linear_shapes(f"gate.{m}", wide // RATIO, c.setup.width)
        return out | unimodal_shapes(c)

    def gates(self, p: Parameters, c: LaneContext, h: Encoded) -> Encoded:
        """Gate of each number of each encoding, in (0, 2), ``(lane, n, width)``."""
        squeezed = functional.relu(
            linear(p, "squeeze", torch.cat([h[m] for m in c.modalities], -1))
        )
        return {m: 2 * torch.sigmoid(linear(p, f"gate.{m}", squeezed)) for m in c.modalities}

    def logits(self, p: Parameters, c: LaneContext, h: Encoded, present: There) -> Lanes:
        """Mean of both branches' logits, or numbers, ``(lane, n, output)``."""
        del present
        gates = self.gates(p, c, h)
        own = unimodal(p, c, {m: h[m] * gates[m] for m in c.modalities})
        return sum(own.values()) / len(own)

    def loss(self, p: Parameters, c: LaneContext, batch: LaneBatch) -> Lanes:
        """Sum of the branches' losses, ``(lane,)``."""
        h = self.encoded(p, c, batch)
        gates = self.gates(p, c, h)
        hold = c.memory.get("hold", torch.zeros(c.lanes, len(c.modalities), dtype=torch.long))
        gated = {}
        for i, m in enumerate(c.modalities):
            now = gates[m].detach().mean(1, keepdim=True)
            mean = c.memory.get(f"gate.{m}", now)
            c.memory[f"gate.{m}"] = mean + (now - mean) / (c.step + 1)
            gated[m] = h[m] * torch.where(hold[:, i].view(-1, 1, 1) > 0, mean, gates[m])
        return unimodal_losses(unimodal(p, c, gated), c, batch)

    def gradients(self, p: Parameters, c: LaneContext, batch: LaneBatch) -> Parameters:
        """Gradient of each parameter; how long they are is noted."""
        gradients = super().gradients(p, c, batch)
        for m in c.modalities:
            for part, names in parts_of(m, p).items():
                size = flat([gradients[n] for n in names]).square().sum(1)
                c.memory[f"{part}.{m}"] = c.memory.get(f"{part}.{m}", 0.0) + size
        return gradients

    def step_done(self, p: Parameters, c: LaneContext) -> None:
        """Say whose gates are held next."""
        hold = c.memory.get("hold", torch.zeros(c.lanes, len(c.modalities), dtype=torch.long))
        hold = (hold - 1).clamp(min=0)
        if c.epoch >= EPOCHS and len(c.modalities) > 1:
            rates = torch.stack([speed(p, c, m) for m in c.modalities], -1)
            faster = rates - rates.flip(-1) > c.option("gap", 1)
            free = (hold == 0).all(-1, keepdim=True)
            hold = torch.where(free & faster, torch.full_like(hold, HOLD), hold)
        c.memory["hold"] = hold


def parts_of(modality: str, p: Parameters) -> dict[str, list[str]]:
    """Parameters by which a branch listens to the other, and its own."""
    trunks = {
        "bypass": ("squeeze", f"gate.{modality}"),
        "main": (f"encoder.{modality}", f"unimodal.{modality}"),
    }
    return {
        part: [name for name in p if any(trunk(t, name) for t in own)]
        for part, own in trunks.items()
    }


def speed(p: Parameters, c: LaneContext, modality: str) -> Lanes:
    """How much faster a branch learns to listen than by itself, in powers of ten, ``(lane,)``."""
    sizes = {
        part: c.memory[f"{part}.{modality}"]
        / flat([p[n] for n in names]).square().sum(1).clamp(min=TINY)
        for part, names in parts_of(modality, p).items()
    }
    return (sizes["bypass"].clamp(min=TINY) / sizes["main"].clamp(min=TINY)).log10()


METHOD = GatedBranches
