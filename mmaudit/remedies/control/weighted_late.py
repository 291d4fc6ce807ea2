"""Weighted late fusion: answers of single modalities, averaged by weights of held-out rows.

A mean of probabilities is less sure than each of them, so that its sharpness is fitted with the
weights: without, likelihood would give nearly all weight to the best modality alone.
"""

import torch

from mmaudit.remedies.base import Remedy
from mmaudit.remedies.context import LaneBatch, LaneContext
from mmaudit.remedies.late import LateFusion, normalised, stacked, weighted
from mmaudit.remedies.layers import TINY, Lanes, Parameters, spread
from mmaudit.remedies.method import Encoded, There
from mmaudit.remedies.optimiser import descended

REMEDY = Remedy(
    challenge="",
    head="late",
    source="linear opinion pool, Genest and Zidek 1986, doi:10.1214/ss/1177013825; sharpened, for "
    "the reason of Ranjan and Gneiting 2010, doi:10.1111/j.1467-9868.2009.00726.x; fitted with one "
    "row more for each modality",
    tasks=("class", "number"),
)


class WeightedLate(LateFusion):
    """Late fusion by one weight a modality, the same for every row."""

    BASE, TRAINS = "control/late_mean", False

    def after(self, p: Parameters, c: LaneContext, held_out: LaneBatch) -> Parameters:
        """Logarithms of weights, ``(lane, modality)``, and of the sharpness, ``(lane,)``."""
        answers = self._answers(p, c, self.encoded(p, c, held_out)).detach()
        there = stacked(c, held_out.present)
        rows = held_out.labels.shape[1]

        def loss(q: Parameters) -> Lanes:
            wrong = c.answer_losses(_pooled(q, c, answers, there), held_out.labels).mean(1)
            return wrong - q["weights"].log_softmax(-1).sum(-1) / rows

        start = {"weights": torch.zeros(len(answers), len(c.modalities))}
        if c.task == "class":
            start["sharpness"] = torch.zeros(len(answers))
        return descended(start, loss)

    def fuse(self, p: Parameters, c: LaneContext, h: Encoded, present: There) -> Lanes:
        """Mean of answers by the weights of what is there, as sharp as was fitted."""
        return _pooled(p, c, self._answers(p, c, h), stacked(c, present))

    def trust(self, p: Parameters, c: LaneContext, h: Encoded, present: There) -> Lanes:
        """Weight of each modality among what is there, ``(lane, n, modality)``."""
        del h
        return normalised(stacked(c, present) * p["weights"].softmax(-1).unsqueeze(1))

    def _answers(self, p: Parameters, c: LaneContext, h: Encoded) -> Lanes:
        return torch.stack([c.answer(z) for z in self.unimodal(p, c, h).values()], -1)


def _pooled(p: Parameters, c: LaneContext, answers: Lanes, there: Lanes) -> Lanes:
    mean = weighted(answers, there * p["weights"].softmax(-1).unsqueeze(1))
    if c.task == "number":
        return mean
    return (mean.clamp(min=TINY).log() * spread(p["sharpness"].exp(), mean)).softmax(-1)


METHOD = WeightedLate
