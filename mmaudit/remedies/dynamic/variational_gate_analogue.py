"""Variational gate, analogue: weights of modalities are drawn, and answers averaged over draws."""

import torch

from mmaudit.remedies.base import Remedy
from mmaudit.remedies.context import LaneBatch, LaneContext
from mmaudit.remedies.late import stacked
from mmaudit.remedies.layers import Lanes, Parameters, Shapes, linear, linear_shapes
from mmaudit.remedies.method import Encoded, Method, There

REMEDY = Remedy(
    challenge="varying",
    head="mlp",
    source="after variational feature fusion by Monte Carlo; Lin et al. 2023, arXiv:2307.08536",
    analogue=(
        "its text was not read: the gate's normal distribution, its divergence from a standard one "
        "and the sum of encodings by softmax weights are ours; every row meets the same draws, so "
        "that it is answered by itself"
    ),
    tasks=("class", "number"),
    grid=({"divergence": 1e-4}, {"divergence": 1e-3}, {"divergence": 1e-2}),
)
DRAWS, ANSWER_DRAWS = 4, 32  # in training, of each row; when it answers


class DrawnGate(Method):
    """One head on the weighted sum of encodings."""

    MASKS = True

    def shapes(self, c: LaneContext) -> Shapes:
        """Encoders, the gate's means and log variances, and the head."""
        m, w = len(c.modalities), c.setup.width
        gate = linear_shapes("means", m * w, m) | linear_shapes("variances", m * w, m)
        return self.encoder_shapes(c) | gate | linear_shapes("head", w, c.outputs)

    def gate(self, p: Parameters, c: LaneContext, h: Encoded) -> tuple[Lanes, Lanes]:
        """Mean and log variance of the score of each modality, ``(lane, n, modality)``."""
        every = torch.cat([h[m] for m in c.modalities], -1)
        return linear(p, "means", every), linear(p, "variances", every).clamp(-8, 4)

    def loss(self, p: Parameters, c: LaneContext, batch: LaneBatch) -> Lanes:
        """Mean loss over draws, and the divergence of the scores from standard normal ones."""
        h = self.encoded(p, c, batch)
        mean, log_variance = self.gate(p, c, h)
        noise = c.draws.normal("gate", c.step, mean.shape[1], DRAWS, mean.shape[2])
        scores = mean.unsqueeze(2) + (log_variance / 2).exp().unsqueeze(2) * noise
        drawn = self.answers(p, c, h, scores, stacked(c, batch.present))
        losses = torch.stack([c.losses(z, batch.labels) for z in drawn.unbind(2)], -1)
        penalty = divergence_from_standard(mean, log_variance).mean(1)
        return losses.mean((1, 2)) + c.option("divergence") * penalty

    def answers(
        self, p: Parameters, c: LaneContext, h: Encoded, scores: Lanes, there: Lanes
    ) -> Lanes:
        """Logits, or numbers, of each draw of scores, ``(lane, n, draw, output)``."""
        terms = torch.stack([torch.bmm(h[m], p["head.w"]) for m in c.modalities], 2)
        return shares(scores, there) @ terms + p["head.b"][:, None, None]

    def answer_scores(self, p: Parameters, c: LaneContext, h: Encoded) -> Lanes:
        """Scores that it answers by, ``(lane, n, draw, modality)``."""
        mean, log_variance = self.gate(p, c, h)
        noise = c.draws.normal("gate/answer", 0, 1, ANSWER_DRAWS, mean.shape[2])
        return mean.unsqueeze(2) + (log_variance / 2).exp().unsqueeze(2) * noise

    def trust(self, p: Parameters, c: LaneContext, h: Encoded, present: There) -> Lanes:
        """Weight of each modality, mean over draws, ``(lane, n, modality)``."""
        return shares(self.answer_scores(p, c, h), stacked(c, present)).mean(2)

    def fuse(self, p: Parameters, c: LaneContext, h: Encoded, present: There) -> Lanes:
        """Mean over draws of probabilities, or numbers."""
        scores = self.answer_scores(p, c, h)
        return c.answer(self.answers(p, c, h, scores, stacked(c, present))).mean(2)


def shares(scores: Lanes, there: Lanes) -> Lanes:
    """Softmax of each draw over what is there, ``(lane, n, draw, modality)``."""
    return scores.masked_fill(there.unsqueeze(2) == 0, -torch.inf).softmax(-1)


def divergence_from_standard(mean: Lanes, log_variance: Lanes) -> Lanes:
    """KL divergence of normal distributions from standard ones in nats, over the last axis."""
    return 0.5 * (mean.square() + log_variance.exp() - 1 - log_variance).sum(-1)


METHOD = DrawnGate
