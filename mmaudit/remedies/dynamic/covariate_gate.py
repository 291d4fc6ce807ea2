"""Covariate gate: weights of late fusion by what says how good a row is.

A modality of at most 3 features is taken as such a covariate, as the brightness of a scene, and has
no say itself. Without one, the gate reads three statistics of each modality's own standardised
features: their mean size, the share of them at the clipping bound, and their root mean square.
"""

import torch

from mmaudit.remedies.base import Remedy
from mmaudit.remedies.context import LaneBatch, LaneContext
from mmaudit.remedies.data import CLIP
from mmaudit.remedies.gates import GatedFusion
from mmaudit.remedies.late import LateFusion, unimodal_losses
from mmaudit.remedies.layers import Lanes, Parameters, Shapes
from mmaudit.remedies.method import Encoded, There

REMEDY = Remedy(
    challenge="varying",
    head="late",
    source=(
        "the idea of illumination-aware fusion; Li et al., Illumination-aware Faster R-CNN, "
        "Pattern Recognition 2019, arXiv:1803.05347; the gate, a softmax of a linear layer, is "
        "ours, and so are the statistics that stand in for a covariate"
    ),
    tasks=("class", "number"),
    grid=({"alone": 0.1}, {"alone": 0.3}, {"alone": 1.0}),
)
MOST = 3  # features of a covariate
STATISTICS = 3  # of a modality


class CovariateGate(GatedFusion):
    """Mean of logits by weights of a gate, which begins as the plain mean.

    Networks learn by the answer above all, so that a modality learns little from rows where it has
    little weight; ``alone`` is the weight of its own loss, by which it can answer by itself.
    """

    def shapes(self, c: LaneContext) -> Shapes:
        """Networks, and the gate; by their names its slopes begin at 0."""
        m = len(c.modalities)
        hints = sum(c.widths[one] for one in covariates(c)) or STATISTICS
        return LateFusion.shapes(self, c) | {"slopes.b": (hints, m), "gate.b": (m,)}

    def hints(self, p: Parameters, c: LaneContext, modality: str, x: Lanes) -> Lanes:
        """A covariate itself; where there is none, statistics."""
        del p
        covered = covariates(c)
        if covered:
            return x if modality in covered else x[..., :0]
        size = x.abs()
        own = [size.mean(-1), (size >= CLIP).float().mean(-1), x.square().mean(-1).sqrt()]
        return torch.stack(own, -1)

    def trust(self, p: Parameters, c: LaneContext, h: Encoded, present: There) -> Lanes:
        """Weight of each modality, ``(lane, n, modality)``; none of a covariate."""
        read, slopes = self.hinted(c, h, present), p["slopes.b"]
        if covariates(c):
            scores = torch.bmm(read, slopes)
        else:  # each modality's score is of its own statistics
            own = read.unflatten(-1, (len(c.modalities), STATISTICS))
            scores = (own * slopes.transpose(1, 2).unsqueeze(1)).sum(-1)
        says = torch.tensor([m not in covariates(c) for m in c.modalities])
        there = torch.stack([present[m] for m in c.modalities], -1) & says
        there = torch.where(there.any(-1, keepdim=True), there, says)
        return (scores + p["gate.b"].unsqueeze(1)).masked_fill(~there, -torch.inf).softmax(-1)

    def logits(self, p: Parameters, c: LaneContext, h: Encoded, present: There) -> Lanes:
        """Mean of logits, or numbers, by weights, ``(lane, n, output)``."""
        z = torch.stack(list(self.unimodal(p, c, h).values()), -1)
        return (z * self.trust(p, c, h, present).unsqueeze(2)).sum(-1)

    def loss(self, p: Parameters, c: LaneContext, batch: LaneBatch) -> Lanes:
        """Losses of the answer and of each modality."""
        h = self.encoded(p, c, batch)
        answer = c.losses(self.logits(p, c, h, batch.present), batch.labels).mean(1)
        alone = unimodal_losses(self.unimodal(p, c, h), c, batch)
        return answer + c.option("alone") * alone

    def fuse(self, p: Parameters, c: LaneContext, h: Encoded, present: There) -> Lanes:
        """Probabilities, or numbers."""
        return c.answer(self.logits(p, c, h, present))


def covariates(c: LaneContext) -> tuple[str, ...]:
    """Modalities that say how good a row is; none where they would leave fewer than two."""
    narrow = tuple(m for m in c.modalities if c.widths[m] <= MOST)
    return narrow if len(c.modalities) - len(narrow) > 1 else ()


METHOD = CovariateGate
