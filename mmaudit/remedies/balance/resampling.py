"""Resampling by contribution: rows to which a modality adds too little are shown with it alone.

What a modality adds to a row is its Shapley value of being right, over all subsets of modalities.
A copy of a row is a weight in the loss, so that as many updates are made as by any other method.
"""

from functools import cache
from math import comb

import torch

from mmaudit.remedies.balance._joint import MaskedFusion, masked
from mmaudit.remedies.base import Remedy
from mmaudit.remedies.context import LaneBatch, LaneContext
from mmaudit.remedies.layers import Lanes, Parameters

WARM = 0.1  # share of the updates before anything is shown again
COPIES = 3  # of a row at most
MODALITY_SHARE = 2 / 3  # of the difference of mean values

REMEDY = Remedy(
    challenge="imbalanced",
    head="additive",
    source="Wei et al. 2024 (fine-grained modality valuation), arXiv:2309.06255; values are of "
    "training rows by the network as it is, copies are weights in the loss, and a mixture of both "
    "ways is tried; all subsets of six modalities at most",
    most=6,
    grid=({"level": 0.0}, {"level": 1.0}, {"level": 0.5}),
)


class ContributionResampling(MaskedFusion):
    """Concatenation of all, and of single modalities where they add too little.

    ``level`` is how much of the copies is by the modality as a whole; the rest is row by row.
    """

    def loss(self, p: Parameters, c: LaneContext, batch: LaneBatch) -> Lanes:
        """Mean loss of rows and their copies, ``(lane,)``."""
        there = torch.stack([batch.present[m] for m in c.modalities], -1)
        terms = self.terms(p, c, masked(c, self.encoded(p, c, batch), there))
        each, bias = [terms[m] for m in c.modalities], p["head.b"].unsqueeze(1)
        whole = c.losses(sum(each) + bias, batch.labels)
        if c.progress < WARM:
            return whole.mean(1)
        with torch.no_grad():
            values = contributions(each, bias, batch.labels)
            level = c.option("level", 2)
            copies = (1 - level) * row_copies(values) + level * modality_copies(values)
            copies = copies * there
        alone = torch.stack([c.losses(term + bias, batch.labels) for term in each], -1)
        shown = whole.sum(1) + (copies * alone).sum((1, 2))
        return shown / (whole.shape[1] + copies.sum((1, 2)))


def contributions(terms: list[Lanes], bias: Lanes, labels: Lanes) -> Lanes:
    """Shapley value of each modality of each row, ``(lane, n, modality)``.

    A subset is worth as many as it has where it is right, and nothing else.

    Args:
        terms: Of each modality, ``(lane, n, class)``.
        bias: ``(lane, 1, class)``.
        labels: ``(lane, n)``.
    """
    logits = {0: bias.expand_as(terms[0])}
    worth = [torch.zeros(labels.shape)]
    for subset in range(1, 2 ** len(terms)):
        first = (subset & -subset).bit_length() - 1
        logits[subset] = logits[subset & (subset - 1)] + terms[first]
        right = logits[subset].argmax(-1) == labels
        worth.append(right.float() * subset.bit_count())
    return torch.stack(worth, -1) @ torch.tensor(shapley(len(terms)))


@cache
def shapley(count: int) -> list[list[float]]:
    """Coefficients of the worth of each subset, ``(2 ** count, count)``; bits are members."""
    return [
        [
            1 / (count * comb(count - 1, s.bit_count() - 1))
            if s >> m & 1
            else -1 / (count * comb(count - 1, s.bit_count()))
            for m in range(count)
        ]
        for s in range(2**count)
    ]


def row_copies(values: Lanes) -> Lanes:
    """How often each row is shown again with each modality alone, ``(lane, n, modality)``.

    1 or more: not; ½: once; 0: twice; less: three times.
    """
    return (2 * (1 - values)).round().clamp(0, COPIES)


def modality_copies(values: Lanes) -> Lanes:
    """The same for the one modality that adds least on average, alike for all rows."""
    mean = values.mean(1, keepdim=True)
    share = MODALITY_SHARE * (mean.amax(-1, keepdim=True) - mean.amin(-1, keepdim=True))
    least = torch.zeros_like(mean).scatter(-1, mean.argmin(-1, keepdim=True), 1.0)
    return (share * least).expand_as(values)


METHOD = ContributionResampling
