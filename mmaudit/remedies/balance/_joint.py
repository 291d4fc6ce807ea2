"""Concatenation with more beside it: heads of each modality's own, and modalities left out."""

import torch

from mmaudit.remedies.context import LaneBatch, LaneContext
from mmaudit.remedies.late import unimodal, unimodal_losses, unimodal_shapes
from mmaudit.remedies.layers import Lanes, Parameters, Shapes
from mmaudit.remedies.method import Encoded, Method, There


class JointFusion(Method):
    """Concatenation, and a head of each modality's own, which answers in training alone."""

    def shapes(self, c: LaneContext) -> Shapes:
        """Encoders, the joint head, and the heads of each."""
        return super().shapes(c) | unimodal_shapes(c)

    def joint_and_own(self, p: Parameters, c: LaneContext, batch: LaneBatch) -> tuple[Lanes, Lanes]:
        """Loss of the joint head, and the sum of the losses of the own heads, ``(lane,)``."""
        h = self.encoded(p, c, batch)
        joint = c.losses(self.logits(p, c, h, batch.present), batch.labels).mean(1)
        return joint, unimodal_losses(unimodal(p, c, h), c, batch)


class MaskedFusion(Method):
    """Concatenation in which what is absent adds nothing, instead of the training mean."""

    MASKS = True

    def logits(self, p: Parameters, c: LaneContext, h: Encoded, present: There) -> Lanes:
        """Logits, or numbers, of what is present, ``(lane, n, output)``."""
        there = torch.stack([present[m] for m in c.modalities], -1)
        return super().logits(p, c, masked(c, h, there), present)


def masked(c: LaneContext, h: Encoded, stays: Lanes) -> Encoded:
    """Encodings that are 0 where they do not stay.

    Args:
        c: The context.
        h: Encodings.
        stays: ``(lane or 1, n, modality)``, bool or factors.
    """
    return {m: h[m] * stays[..., i : i + 1] for i, m in enumerate(c.modalities)}
