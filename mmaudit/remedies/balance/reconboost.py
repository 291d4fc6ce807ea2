"""ReconBoost: each modality learns where the others are wrong, then all learn together, in turn."""

from mmaudit.remedies.base import Remedy
from mmaudit.remedies.context import LaneBatch, LaneContext
from mmaudit.remedies.late import unimodal, unimodal_shapes
from mmaudit.remedies.layers import Lanes, Parameters, Shapes, of_label
from mmaudit.remedies.method import Encoded, Method, There

EPOCHS = 4  # of one phase
OWN, OTHERS = 5.0, 1.0  # weights of the label, and of what the others say of it

REMEDY = Remedy(
    challenge="imbalanced",
    head="additive",
    source="Hua et al. 2024, arXiv:2405.09321; in an update every modality learns against the "
    "others as they were, instead of one after the other, so that it costs no more than any; the "
    "agreement with the modality before has its gradient on the learner's side",
    grid=({"agree": 0.0}, {"agree": 0.25}, {"agree": 1.0}),
)


class ReconciledBoosting(Method):
    """A sum of logits of networks of one modality each, times one scale."""

    def shapes(self, c: LaneContext) -> Shapes:
        """Encoders, a head of each, and the scale of their sum."""
        return self.encoder_shapes(c) | unimodal_shapes(c) | {"scale.one": (1,)}

    def logits(self, p: Parameters, c: LaneContext, h: Encoded, present: There) -> Lanes:
        """Logits, ``(lane, n, class)``."""
        del present
        return p["scale.one"].unsqueeze(2) * sum(unimodal(p, c, h).values())

    def loss(self, p: Parameters, c: LaneContext, batch: LaneBatch) -> Lanes:
        """Loss of each lane, ``(lane,)``: of boosting, or of all together."""
        own = unimodal(p, c, self.encoded(p, c, batch))
        scale = p["scale.one"].unsqueeze(2)
        total = sum(own.values())
        if c.epoch // EPOCHS % 2:
            return c.losses(scale * total, batch.labels).mean(1)
        loss = 0 * scale.sum((1, 2))
        for i, m in enumerate(c.modalities):
            rest = (scale * (total - own[m])).detach().softmax(-1)
            weights = residual(of_label(rest, batch.labels)) / c.outputs
            before = own[c.modalities[i - 1]].detach().softmax(-1)
            agreement = (own[m].softmax(-1) - before).square().sum(-1)
            learned = weights * c.losses(own[m], batch.labels) + c.option("agree", 1) * agreement
            loss = loss + (learned * batch.present[m]).mean(1)
        return loss


def residual(others: Lanes) -> Lanes:
    """Weight of a row, by the probability that the others have for its class, ``(lane, n)``."""
    return OWN - OTHERS * others


METHOD = ReconciledBoosting
