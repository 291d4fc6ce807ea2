"""AdaMML, analogue: a policy uses or skips each modality of each row, and what is used costs."""

import torch
from torch.nn import functional

from mmaudit.remedies.base import Remedy
from mmaudit.remedies.context import LaneBatch, LaneContext
from mmaudit.remedies.gates import HINTS, GatedFusion, straight_through, unimodal_costs
from mmaudit.remedies.late import normalised, stacked, unimodal_losses, weighted
from mmaudit.remedies.layers import Lanes, Parameters, Shapes, linear, linear_shapes
from mmaudit.remedies.method import Encoded, There

REMEDY = Remedy(
    challenge="varying",
    head="late",
    source=(
        "Panda et al., AdaMML: Adaptive Multi-Modal Learning for Efficient Video Recognition, ICCV "
        "2021, arXiv:2105.05165"
    ),
    analogue=(
        "no time: one decision a row, not one a segment by a recurrent policy; networks learn on "
        "all rows beside the policy; the penalty of wrong answers, which has no gradient, is not "
        "here"
    ),
    grid=({"cost": 0.03}, {"cost": 0.1}, {"cost": 0.3}),
)
WARM, COLD = 5.0, 0.5  # temperature at the beginning and at the end


class SkippingPolicy(GatedFusion):
    """Mean of the logits of what is used."""

    def shapes(self, c: LaneContext) -> Shapes:
        """Networks, and the policy."""
        m = len(c.modalities)
        return super().shapes(c) | linear_shapes("policy", m * HINTS, m)

    def policy(self, p: Parameters, c: LaneContext, h: Encoded, present: There) -> Lanes:
        """How much speaks for the use of each modality, ``(lane, n, modality)``."""
        return linear(p, "policy", self.hinted(c, h, present))

    def loss(self, p: Parameters, c: LaneContext, batch: LaneBatch) -> Lanes:
        """Losses of each modality and of the answer, and the cost of what is used where right."""
        h = self.encoded(p, c, batch)
        answers, there = self.unimodal(p, c, h), stacked(c, batch.present)
        scores = self.policy(p, c, h, batch.present)
        u = c.draws.uniform("policy", c.step, *scores.shape[1:])
        soft = ((scores + u.logit()) / (WARM * (COLD / WARM) ** c.progress)).sigmoid()
        use = straight_through(used(soft - 0.5, there), soft * there)
        answer = mean_of(answers, use)
        right = (answer.argmax(-1) == batch.labels).float().unsqueeze(-1)
        cost = (right * use.square() * unimodal_costs(c)).sum(-1).mean(1)
        total = c.losses(answer, batch.labels).mean(1) + unimodal_losses(answers, c, batch)
        return total + c.option("cost") * cost

    def trust(self, p: Parameters, c: LaneContext, h: Encoded, present: There) -> Lanes:
        """Weight of each modality, alike of what is used, ``(lane, n, modality)``."""
        return normalised(used(self.policy(p, c, h, present), stacked(c, present)))

    def fuse(self, p: Parameters, c: LaneContext, h: Encoded, present: There) -> Lanes:
        """Probabilities."""
        return mean_of(self.unimodal(p, c, h), self.trust(p, c, h, present)).softmax(-1)


def used(scores: Lanes, there: Lanes) -> Lanes:
    """1 where a score is above 0; where none is, at the highest of what is there.

    Args:
        scores: ``(lane, n, modality)``.
        there: 1 for what is there, else 0, ``(lane or 1, n, modality)``.
    """
    able = scores.masked_fill(there == 0, -torch.inf)
    best = functional.one_hot(able.argmax(-1), able.shape[-1])
    return torch.where((able > 0).any(-1, keepdim=True), (able > 0).float(), best.float())


def mean_of(answers: dict[str, Lanes], use: Lanes) -> Lanes:
    """Mean of logits over what is used, ``(lane, n, class)``."""
    return weighted(torch.stack(list(answers.values()), -1), use)


METHOD = SkippingPolicy
