"""ConfidNet: the answers of each modality, weighted by how likely each is to be the truth."""

from collections.abc import Mapping

import torch

from mmaudit.remedies.base import Remedy
from mmaudit.remedies.context import LaneBatch, LaneContext
from mmaudit.remedies.late import LateFusion, normalised, stacked, weighted
from mmaudit.remedies.layers import Lanes, Parameters, flat, initial, mlp, mlp_shapes, of_label
from mmaudit.remedies.method import Encoded, There
from mmaudit.remedies.optimiser import descended

REMEDY = Remedy(
    challenge="varying",
    head="late",
    source=(
        "Corbière et al., Addressing Failure Prediction by Learning Model Confidence, NeurIPS "
        "2019, arXiv:1910.04851; fitted on held-out rows, as a correction of the maximum "
        "probability, for which a few rows suffice; as a weight of late fusion it is ours"
    ),
)
HIDDEN, RIDGE = 16, 1e-3


class TrueClassProbability(LateFusion):
    """The networks of the late mean as they are, and a head that judges each."""

    BASE = "control/late_mean"
    TRAINS = False

    def confidences(self, p: Parameters, c: LaneContext, h: Encoded) -> Lanes:
        """Foretold probability of the true class, ``(lane, n, modality)``."""
        answers = self.unimodal(p, c, h)
        return torch.stack([confidence(p, m, h[m], z) for m, z in answers.items()], -1)

    def after(self, p: Parameters, c: LaneContext, held_out: LaneBatch) -> Parameters:
        """One head a modality; with folds it is one head for the rows of all."""
        h = self.encoded(p, c, held_out)
        fitted: Parameters = {}
        for m, z in self.unimodal(p, c, h).items():
            there, labels = held_out.present[m], held_out.labels[held_out.present[m]]
            fitted |= _head(c, m, h[m][there][None], z[there][None], labels[None])
        return {name: q.expand(c.lanes, *q.shape[1:]) for name, q in fitted.items()}

    def trust(self, p: Parameters, c: LaneContext, h: Encoded, present: There) -> Lanes:
        """Weight of each modality, ``(lane, n, modality)``."""
        return normalised(self.confidences(p, c, h) * stacked(c, present))

    def fuse(self, p: Parameters, c: LaneContext, h: Encoded, present: There) -> Lanes:
        """Probabilities."""
        answers = torch.stack([z.softmax(-1) for z in self.unimodal(p, c, h).values()], -1)
        return weighted(answers, self.trust(p, c, h, present))


def confidence(p: Mapping[str, Lanes], m: str, h: Lanes, logits: Lanes) -> Lanes:
    """The maximum probability, corrected by a head that reads the encoding, ``(lane, n)``."""
    most = logits.softmax(-1).amax(-1)
    return (most.logit(eps=1e-4) + mlp(p, f"truth.{m}", h).squeeze(-1)).sigmoid()


def _head(c: LaneContext, m: str, h: Lanes, logits: Lanes, labels: Lanes) -> Parameters:
    """Fit the head of a modality to the probability of the true class."""
    shapes = mlp_shapes(f"truth.{m}", h.shape[-1], HIDDEN, 1)
    start = initial(shapes, [c.draws.seeds[int(c.draws.lane[0])]])
    if not labels.numel():
        return start
    truth = of_label(logits.softmax(-1), labels)

    def loss(q: Parameters) -> Lanes:
        error = (confidence(q, m, h, logits) - truth).square().mean(1)
        return error + RIDGE * flat(list(q.values())).square().sum(1)

    return descended(start, loss)


METHOD = TrueClassProbability
