"""AGM: a modality that is further ahead than it usually was is slowed, one that is behind hurried.

What a modality says is its Shapley value of the logits over all subsets of modalities. The joint
head here is a sum, of which these values are the terms, each with its part of what is said of
nothing: so they cost no further pass, for any number of modalities.
"""

from mmaudit.remedies.balance._speeds import PACE, PacedFusion, over_rows, paces, split_logits
from mmaudit.remedies.base import Remedy
from mmaudit.remedies.context import LaneBatch, LaneContext
from mmaudit.remedies.layers import Lanes, Parameters, cross_entropy

MOST = 4.0  # factor on an update, and as little as one over it
LARGEST = 10.0  # exponent of a ratio

REMEDY = Remedy(
    challenge="imbalanced",
    head="additive",
    source="Li et al. 2023, arXiv:2308.07686; the coefficient is on the updates of a modality's "
    "encoder and of its part of the head, between a quarter and four",
    grid=({"alpha": 0.2}, {"alpha": 0.5}, {"alpha": 1.0}),
)


class AdaptiveModulation(PacedFusion):
    """Concatenation, with coefficients on what belongs to one modality."""

    def loss(self, p: Parameters, c: LaneContext, batch: LaneBatch) -> Lanes:
        """Loss of each lane, ``(lane,)``."""
        terms = self.terms(p, c, self.encoded(p, c, batch))
        values = split_logits(p, c, terms)
        own = {m: cross_entropy(z.detach(), batch.labels) for m, z in values.items()}
        now = over_rows(own, batch)
        usual = c.memory.get("usual", now)
        c.memory[PACE] = coefficients(now, usual, c.option("alpha", 1))
        c.memory["usual"] = usual + (now - usual) / (c.step + 1)
        return c.losses(sum(values.values()), batch.labels).mean(1)

    def factors(self, p: Parameters, c: LaneContext) -> dict[str, Lanes]:
        """A factor on the updates of each encoder and of its part of the head."""
        del p
        return paces(c, "encoder", "head")


def ahead(losses: Lanes) -> Lanes:
    """How far each modality is ahead of the mean, more than 1 where its loss is smaller.

    Args:
        losses: Of each modality alone, in nats, ``(lane, modality)``.
    """
    count = losses.shape[-1]
    gap = (losses.mean(-1, keepdim=True) - losses) * count / max(1, count - 1)
    return gap.clamp(max=LARGEST).exp()


def coefficients(now: Lanes, usual: Lanes, alpha: Lanes | float) -> Lanes:
    """Factor of each modality, ``(lane, modality)``: 1 where it is as far ahead as usual.

    Args:
        now: Losses of this batch.
        usual: Their means so far.
        alpha: How much is changed; one number, or ``(lane, 1)``.
    """
    return (alpha * (ahead(usual) - ahead(now))).exp().clamp(1 / MOST, MOST)


METHOD = AdaptiveModulation
