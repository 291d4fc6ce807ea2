"""CAL, an analogue: encoders of what contributes most get longer steps, the others a bottleneck.

A modality's weight is by what it adds to the probability of the class, and by how sure it is.
"""

import math

import torch

from mmaudit.remedies.balance._noise import noise
from mmaudit.remedies.balance._speeds import PACE, PacedFusion, over_rows
from mmaudit.remedies.base import Remedy
from mmaudit.remedies.context import LaneBatch, LaneContext
from mmaudit.remedies.layers import (
    TINY,
    Lanes,
    Parameters,
    Shapes,
    entropy,
    linear,
    linear_shapes,
    of_label,
)
from mmaudit.remedies.method import Encoded

LAST = 0.1  # share of the newest batch in running weights
LIMIT = 6.0  # of the logarithm of a variance

REMEDY = Remedy(
    challenge="imbalanced",
    head="additive",
    source="Xu et al. 2025 (contribution-guided asymmetric learning), arXiv:2510.26289, by its "
    "abstract",
    analogue="written from the abstract: the paper's formulas were not read; contributions are "
    "means of what a modality adds to nothing and to all others, on training rows",
    grid=(
        {"temperature": 4.0, "beta": 1e-4},
        {"temperature": 4.0, "beta": 1e-3},
        {"temperature": 8.0, "beta": 1e-3},
    ),
)


class ContributionGuided(PacedFusion):
    """Concatenation of encodings that are drawn in training, around what is encoded."""

    def encoder_shapes(self, c: LaneContext) -> Shapes:
        """Of each modality a layer of means and one of logarithms of variances."""
        out = super().encoder_shapes(c)
        for m in c.modalities:
            out |= linear_shapes(f"spread.{m}", c.widths[m], c.setup.width)
        return out

    def loss(self, p: Parameters, c: LaneContext, batch: LaneBatch) -> Lanes:
        """Loss of each lane, ``(lane,)``."""
        h = self.encoded(p, c, batch)
        logs = {
            m: linear(p, f"spread.{m}", batch.values[m]).clamp(-LIMIT, LIMIT) for m in c.modalities
        }
        self._weigh(p, c, h, batch)
        weights = c.memory["weights"]
        drawn = c.option("beta", 2) > 0
        noisy = {
            m: h[m] + drawn * (logs[m] / 2).exp() * noise(c, f"drawn/{m}", *h[m].shape[1:])
            for m in c.modalities
        }
        count = len(c.modalities)
        narrow = c.option("beta", 1) * (1 - weights) * count / max(1, count - 1)
        bits = over_rows({m: divergence(h[m], logs[m]) for m in c.modalities}, batch)
        joint = c.losses(self.logits(p, c, noisy, batch.present), batch.labels).mean(1)
        return joint + (narrow * bits).sum(-1)

    @torch.no_grad()
    def _weigh(self, p: Parameters, c: LaneContext, h: Encoded, batch: LaneBatch) -> None:
        terms, bias = self.terms(p, c, h), p["head.b"].unsqueeze(1)
        whole = sum(terms.values()) + bias
        adds, sure = {}, {}
        for m, term in terms.items():
            alone, without, none, every = (
                of_label(z.softmax(-1), batch.labels)
                for z in (term + bias, whole - term, bias.expand_as(term), whole)
            )
            adds[m] = (alone - none + every - without) / 2
            sure[m] = 1 - entropy((term + bias).softmax(-1)) / math.log(max(2, c.outputs))
        now = contribution_weights(
            over_rows(adds, batch), over_rows(sure, batch), c.option("temperature", 1)
        )
        before: Lanes = c.memory.get("weights", now)
        c.memory["weights"] = before + LAST * (now - before)
        c.memory[PACE] = 1 + c.memory["weights"]


def contribution_weights(adds: Lanes, sure: Lanes, temperature: Lanes | float) -> Lanes:
    """Weights of modalities, ``(lane, modality)``, that sum to 1.

    Args:
        adds: What each adds to the probability of the class.
        sure: How sure each is, in [0, 1].
        temperature: How unequal weights are; one number, or ``(lane, 1)``.
    """
    low, high = adds.amin(-1, keepdim=True), adds.amax(-1, keepdim=True)
    among = (adds - low) / (high - low).clamp(min=TINY)
    return (temperature * (among + sure) / 2).softmax(-1)


def divergence(mean: Lanes, log: Lanes) -> Lanes:
    """Divergence of normal distributions from the standard one, in nats, ``(lane, n)``.

    Args:
        mean: ``(lane, n, width)``.
        log: Logarithm of the variance.
    """
    return (mean.square() + log.exp() - 1 - log).sum(-1) / 2


METHOD = ContributionGuided
