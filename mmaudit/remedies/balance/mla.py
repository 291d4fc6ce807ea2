"""MLA: one head learns from one modality at a time, off what it learned from the others.

At the end each modality answers by the same head, and surer answers weigh more.
"""

import torch

from mmaudit.remedies.base import Remedy
from mmaudit.remedies.context import LaneBatch, LaneContext
from mmaudit.remedies.late import normalised, stacked, unimodal_losses, weighted
from mmaudit.remedies.layers import Lanes, Parameters, Shapes, entropy, linear, linear_shapes
from mmaudit.remedies.method import Encoded, Method, There

WIDE, NARROW = 0.1, 0.01  # the constant of the projection at the start and the end of an epoch

REMEDY = Remedy(
    challenge="imbalanced",
    head="late",
    source="Zhang et al. 2024, arXiv:2311.10707; the head takes turns, encoders learn in every "
    "update; the update is projected and not its gradient, which Adam would turn",
)


class AlternatingHead(Method):
    """Encoders of one width under one head, whose updates are projected."""

    MASKS = True

    def shapes(self, c: LaneContext) -> Shapes:
        """Encoders and the head that they share."""
        return self.encoder_shapes(c) | linear_shapes("shared", c.setup.width, c.outputs)

    def loss(self, p: Parameters, c: LaneContext, batch: LaneBatch) -> Lanes:
        """Sum of the modalities' losses, ``(lane,)``; the head learns from one of them."""
        h = self.encoded(p, c, batch)
        turn = c.modalities[c.step % len(c.modalities)]
        c.memory["before"] = p["shared.w"].detach().clone()
        c.memory["direction"] = h[turn].detach().mean(1)
        fixed = {name: p[name].detach() for name in ("shared.w", "shared.b")}
        outputs = {m: linear(p if m == turn else fixed, "shared", h[m]) for m in c.modalities}
        return unimodal_losses(outputs, c, batch)

    def step_done(self, p: Parameters, c: LaneContext) -> None:
        """Project the head's update, then take the modality's direction out of later ones."""
        width = c.setup.width
        projection = c.memory.get("projection", torch.eye(width).expand(c.lanes, width, width))
        before = c.memory["before"]
        p["shared.w"].copy_(before + projection @ (p["shared.w"] - before))
        updates = max(1, c.rows // min(c.setup.batch, c.rows))
        constant = WIDE * (NARROW / WIDE) ** (c.step % updates / updates)
        c.memory["projection"] = without(projection, c.memory["direction"], constant)

    def fuse(self, p: Parameters, c: LaneContext, h: Encoded, present: There) -> Lanes:
        """Mean of what is present, by how sure each is, ``(lane, n, class)``."""
        answers = torch.stack(self._alone(p, c, h), -1)
        return weighted(answers, self.trust(p, c, h, present))

    def trust(self, p: Parameters, c: LaneContext, h: Encoded, present: There) -> Lanes:
        """Weight of each modality, by how sure it is, ``(lane, n, modality)``."""
        sure = [(-entropy(answer)).exp() for answer in self._alone(p, c, h)]
        return normalised(torch.stack(sure, -1) * stacked(c, present))

    def _alone(self, p: Parameters, c: LaneContext, h: Encoded) -> list[Lanes]:
        """Probabilities by each modality alone, ``(lane, n, class)`` each."""
        return [linear(p, "shared", h[m]).softmax(-1) for m in c.modalities]


def without(projection: Lanes, direction: Lanes, constant: float) -> Lanes:
    """A projection that leaves out one direction more, ``(lane, width, width)``.

    Args:
        projection: The one before.
        direction: ``(lane, width)``.
        constant: How much of the direction stays: the smaller, the less.
    """
    r = (projection @ direction.unsqueeze(2)).squeeze(2)
    size = constant + (direction * r).sum(1)
    return projection - r.unsqueeze(2) * r.unsqueeze(1) / size.view(-1, 1, 1)


METHOD = AlternatingHead
