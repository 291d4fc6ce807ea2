"""Multimodal Dynamics: a gate on every feature, and on every modality its confidence."""

import torch

from mmaudit.remedies.base import Remedy
from mmaudit.remedies.context import LaneBatch, LaneContext
from mmaudit.remedies.late import LateFusion, normalised, stacked, unimodal_losses
from mmaudit.remedies.layers import Lanes, Parameters, Shapes, linear, linear_shapes, of_label
from mmaudit.remedies.method import Encoded, Method, There

REMEDY = Remedy(
    challenge="varying",
    head="additive",
    source=(
        "Han et al., Multimodal Dynamics: Dynamical Fusion for Trustworthy Multimodal "
        "Classification, CVPR 2022, IEEE document 9878603; the gate goes through as "
        "many numbers as an encoding has; confidences learn a probability that they do not move"
    ),
    grid=({"sparse": 0.0}, {"sparse": 0.1}, {"sparse": 1.0}),
)


class FeatureGate(LateFusion):
    """Encodings of gated features, each times its confidence, under one linear layer."""

    def shapes(self, c: LaneContext) -> Shapes:
        """Networks, gates, confidences, and the layer."""
        own = super().shapes(c) | Method.shapes(self, c)
        for m in c.modalities:
            own |= linear_shapes(f"squeeze.{m}", c.widths[m], c.setup.width)
            own |= linear_shapes(f"gate.{m}", c.setup.width, c.widths[m])
            own |= linear_shapes(f"confidence.{m}", c.setup.width, 1)
        return own

    def gate(self, p: Parameters, modality: str, x: Lanes) -> Lanes:
        """How much of each feature passes, ``(lane, n, d)`` in (0, 1)."""
        return linear(p, f"gate.{modality}", linear(p, f"squeeze.{modality}", x)).sigmoid()

    def encode(self, p: Parameters, c: LaneContext, modality: str, x: Lanes) -> Lanes:
        """Encode the gated features of one modality."""
        return super().encode(p, c, modality, x * self.gate(p, modality, x))

    def confidences(self, p: Parameters, c: LaneContext, h: Encoded) -> Encoded:
        """Factor on each encoding, ``(lane, n, 1)``; a number, for nothing bounds it."""
        return {m: linear(p, f"confidence.{m}", h[m]) for m in c.modalities}

    def trust(self, p: Parameters, c: LaneContext, h: Encoded, present: There) -> Lanes:
        """Share of each modality in the factors above 0 of what is there, ``(lane, n, modality)``.

        Alike where no factor is above 0.
        """
        factors = torch.cat([self.confidences(p, c, h)[m] for m in c.modalities], -1).clamp(min=0)
        there = stacked(c, present)
        own = factors * there
        return normalised(torch.where(own.any(-1, keepdim=True), own, there))

    def logits(self, p: Parameters, c: LaneContext, h: Encoded, present: There) -> Lanes:
        """Logits, ``(lane, n, class)``; what is absent adds nothing."""
        factors = self.confidences(p, c, h)
        there = {m: present[m].float().unsqueeze(-1) for m in c.modalities}
        return super().logits(p, c, {m: h[m] * factors[m] * there[m] for m in h}, present)

    def loss(self, p: Parameters, c: LaneContext, batch: LaneBatch) -> Lanes:
        """Losses of the answer and of each modality, of confidences, and of open gates."""
        gates = {m: self.gate(p, m, batch.values[m]) for m in c.modalities}
        h = {m: super(FeatureGate, self).encode(p, c, m, batch.values[m] * gates[m]) for m in gates}
        answers = self.unimodal(p, c, h)
        total = c.losses(self.logits(p, c, h, batch.present), batch.labels).mean(1)
        total = total + unimodal_losses(answers, c, batch)
        for m, confidence in self.confidences(p, c, h).items():
            truth = of_label(answers[m].softmax(-1), batch.labels).detach()
            rows = (confidence.squeeze(-1) - truth).square()
            rows = rows + c.option("sparse", 1) * gates[m].mean(-1)
            total = total + (rows * batch.present[m].float()).mean(1)
        return total

    def fuse(self, p: Parameters, c: LaneContext, h: Encoded, present: There) -> Lanes:
        """Probabilities."""
        return self.logits(p, c, h, present).softmax(-1)


METHOD = FeatureGate
