"""LFM: modalities learn to answer alike first, and right by and by.

Where one modality learns by heart what another could say, it is held to what both can say.
"""

import math

import torch

from mmaudit.remedies.base import Remedy
from mmaudit.remedies.context import LaneBatch, LaneContext
from mmaudit.remedies.late import normalised, stacked
from mmaudit.remedies.layers import Lanes, Parameters, entropy
from mmaudit.remedies.method import Method

LAST = 0.1  # share of the first weight that alignment ends with

REMEDY = Remedy(
    challenge="imbalanced",
    head="additive",
    source="Yang et al. 2024 (Facilitating Multimodal Classification via Dynamically Learning "
    "Modality Gap), NeurIPS; as released, where what is aligned are answers by a Jensen-Shannon "
    "divergence, not encodings by a contrast; the weight falls by its schedule and is not learned",
    grid=({"align": 0.2}, {"align": 0.5}, {"align": 0.8}),
)


class LabelFreeAlignment(Method):
    """Concatenation, and how far apart its modalities answer."""

    def loss(self, p: Parameters, c: LaneContext, batch: LaneBatch) -> Lanes:
        """Loss of each lane, ``(lane,)``."""
        terms = self.terms(p, c, self.encoded(p, c, batch))
        bias = p["head.b"].unsqueeze(1)
        joint = c.losses(sum(terms.values()) + bias, batch.labels).mean(1)
        own = [(len(terms) * term + bias).softmax(-1) for term in terms.values()]
        apart = divergence(torch.stack(own, 2), stacked(c, batch.present)).mean(1)
        share = c.option("align") * schedule(c.progress)
        return (1 - share) * joint + share * apart


def schedule(progress: float) -> float:
    """Share of the first weight: 1 at the start, falling as half a cosine."""
    return LAST + (1 - LAST) * (1 + math.cos(math.pi * progress)) / 2


def divergence(answers: Lanes, there: Lanes) -> Lanes:
    """Jensen-Shannon divergence of what modalities answer, in nats, ``(lane, n)``.

    The entropy of their mean beyond the mean of their entropies: 0 where they are alike, the
    logarithm of their number where each is sure of a class of its own (Lin 1991,
    doi:10.1109/18.61115).

    Args:
        answers: Probabilities, ``(lane, n, modality, class)``.
        there: 1 for modalities that are there, else 0, ``(lane, n, modality)``.
    """
    weights = normalised(there)
    mean = (answers * weights.unsqueeze(-1)).sum(2)
    return entropy(mean) - (entropy(answers) * weights).sum(-1)


METHOD = LabelFreeAlignment
