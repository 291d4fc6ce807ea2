"""Late fusion: a network of its own for each modality, and ways to join what they say."""

import torch

from mmaudit.remedies.context import LaneBatch, LaneContext
from mmaudit.remedies.layers import Lanes, Parameters, Shapes, linear, linear_shapes
from mmaudit.remedies.method import Encoded, Method, There


class LateFusion(Method):
    """Networks of one modality each, trained each by its own loss; answers are averaged.

    What is absent has no say, in training and after.
    """

    MASKS = True

    def shapes(self, c: LaneContext) -> Shapes:
        """Encoders, and a head for each."""
        return self.encoder_shapes(c) | unimodal_shapes(c)

    def unimodal(self, p: Parameters, c: LaneContext, h: Encoded) -> dict[str, Lanes]:
        """Logits, or the number, of each modality by itself, ``(lane, n, output)``."""
        return unimodal(p, c, h)

    def loss(self, p: Parameters, c: LaneContext, batch: LaneBatch) -> Lanes:
        """Sum over modalities of the mean loss of the rows that have them."""
        return unimodal_losses(self.unimodal(p, c, self.encoded(p, c, batch)), c, batch)

    def fuse(self, p: Parameters, c: LaneContext, h: Encoded, present: There) -> Lanes:
        """Mean of the answers of what is present; of all modalities' where nothing is."""
        answers = torch.stack([c.answer(z) for z in self.unimodal(p, c, h).values()], -1)
        return weighted(answers, stacked(c, present))


def unimodal_shapes(c: LaneContext) -> Shapes:
    """Shapes of a head of each modality's own."""
    heads = [linear_shapes(f"unimodal.{m}", c.setup.width, c.outputs) for m in c.modalities]
    return {name: shape for head in heads for name, shape in head.items()}


def unimodal(p: Parameters, c: LaneContext, h: Encoded) -> dict[str, Lanes]:
    """Logits, or the number, of each modality by its own head, ``(lane, n, output)``."""
    return {m: linear(p, f"unimodal.{m}", h[m]) for m in c.modalities}


def unimodal_losses(outputs: dict[str, Lanes], c: LaneContext, batch: LaneBatch) -> Lanes:
    """Sum over modalities of the mean loss of the rows that have them, ``(lane,)``.

    Args:
        outputs: Logits or numbers of each modality, ``(lane, n, output)``.
        c: The context.
        batch: The rows.
    """
    total: Lanes = 0.0
    for m, z in outputs.items():
        there = batch.present[m].float()
        total = total + (c.losses(z, batch.labels) * there).sum(1) / there.sum(1).clamp(min=1)
    return total


def stacked(c: LaneContext, present: There) -> Lanes:
    """What is present as numbers, ``(lane or 1, n, modality)``; all of a row that has nothing."""
    there = torch.stack([present[m] for m in c.modalities], -1).float()
    return torch.where(there.any(-1, keepdim=True), there, torch.ones_like(there))


def weighted(answers: Lanes, weights: Lanes) -> Lanes:
    """Mean of answers by weights.

    Args:
        answers: ``(lane, n, output, modality)``.
        weights: At least 0 and not all 0, ``(lane or 1, n, modality)``.
    """
    return (answers * normalised(weights).unsqueeze(2)).sum(-1)


def normalised(weights: Lanes) -> Lanes:
    """Weights that sum to 1 over the last axis; of sizes at least 0 and not all 0."""
    return weights / weights.sum(-1, keepdim=True)
