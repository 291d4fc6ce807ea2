"""PDF: each modality foretells how sure it is of the truth; weights rise as the others' fall."""

import torch

from mmaudit.remedies.base import Remedy
from mmaudit.remedies.context import LaneBatch, LaneContext
from mmaudit.remedies.late import LateFusion, stacked, unimodal_losses
from mmaudit.remedies.layers import Lanes, Parameters, Shapes, mlp, mlp_shapes, of_label
from mmaudit.remedies.method import Encoded, There

REMEDY = Remedy(
    challenge="varying",
    head="late",
    source=(
        "Cao et al., Predictive Dynamic Fusion, ICML 2024, arXiv:2406.04802; with more than two "
        "modalities each is calibrated against the most certain other"
    ),
)
TINY = 1e-4


class ForetoldConfidence(LateFusion):
    """Logits of all modalities by beliefs, which are calibrated when it answers."""

    def shapes(self, c: LaneContext) -> Shapes:
        """Networks, and one a modality that foretells the probability of the truth."""
        own = [mlp_shapes(f"truth.{m}", c.setup.width, c.setup.width, 1) for m in c.modalities]
        return super().shapes(c) | {name: shape for one in own for name, shape in one.items()}

    def confidences(self, p: Parameters, c: LaneContext, h: Encoded) -> Lanes:
        """Foretold probability of the truth, ``(lane, n, modality)``."""
        own = [mlp(p, f"truth.{m}", h[m].detach()) for m in c.modalities]
        return torch.cat(own, -1).sigmoid()

    def loss(self, p: Parameters, c: LaneContext, batch: LaneBatch) -> Lanes:
        """Losses of the answer and of each modality, and of what was foretold."""
        h = self.encoded(p, c, batch)
        answers = self.unimodal(p, c, h)
        z, there = torch.stack(list(answers.values()), -1), stacked(c, batch.present)
        confidences = self.confidences(p, c, h)
        truth = torch.stack([of_label(z.softmax(-1), batch.labels) for z in answers.values()], -1)
        error = ((confidences - truth.detach()).abs() * there).sum(-1).mean(1)
        weights = shares(beliefs(confidences.detach(), there), there)
        answer = c.losses((z * weights.unsqueeze(2)).sum(-1), batch.labels).mean(1)
        return answer + unimodal_losses(answers, c, batch) + error

    def trust(self, p: Parameters, c: LaneContext, h: Encoded, present: There) -> Lanes:
        """Weight of each modality, calibrated, ``(lane, n, modality)``."""
        z, there = self._said(p, c, h), stacked(c, present)
        return shares(
            beliefs(self.confidences(p, c, h), there) * relative(z.softmax(2), there), there
        )

    def fuse(self, p: Parameters, c: LaneContext, h: Encoded, present: There) -> Lanes:
        """Probabilities."""
        weights = self.trust(p, c, h, present)
        return (self._said(p, c, h) * weights.unsqueeze(2)).sum(-1).softmax(-1)

    def _said(self, p: Parameters, c: LaneContext, h: Encoded) -> Lanes:
        """Logits of each modality alone, ``(lane, n, class, modality)``."""
        return torch.stack(list(self.unimodal(p, c, h).values()), -1)


def beliefs(confidences: Lanes, there: Lanes) -> Lanes:
    """Confidence of a modality, and the share of doubt that the others have.

    Args:
        confidences: Foretold probability of the truth, ``(lane, n, modality)``.
        there: 1 for what is there, else 0, ``(lane or 1, n, modality)``.
    """
    sure = confidences.clamp(TINY, 1 - TINY)
    logs = sure.log() * there
    total = logs.sum(-1, keepdim=True)
    return sure + (total - logs) / total


def relative(probabilities: Lanes, there: Lanes) -> Lanes:
    """How far from uniform a modality is, over the farthest other, at most 1.

    Args:
        probabilities: ``(lane, n, class, modality)``.
        there: 1 for what is there, else 0, ``(lane or 1, n, modality)``.
    """
    far = (probabilities - 1 / probabilities.shape[2]).abs().mean(2) * there
    m = far.shape[-1]
    others = far.unsqueeze(-2).expand(*far.shape, m).masked_fill(torch.eye(m, dtype=torch.bool), 0)
    return (far / others.amax(-1).clamp(min=TINY)).clamp(max=1)


def shares(beliefs: Lanes, there: Lanes) -> Lanes:
    """Softmax over what is there, ``(lane, n, modality)``."""
    return beliefs.masked_fill(there == 0, -torch.inf).softmax(-1)


METHOD = ForetoldConfidence
