"""QMF: weights by the energy of each modality's logits, ordered by how hard its rows were."""

import torch
from torch.nn import functional

from mmaudit.remedies.base import Remedy
from mmaudit.remedies.context import LaneBatch, LaneContext
from mmaudit.remedies.late import LateFusion, normalised, stacked, unimodal_losses
from mmaudit.remedies.layers import Lanes, Parameters
from mmaudit.remedies.method import Encoded, There

REMEDY = Remedy(
    challenge="varying",
    head="late",
    source=(
        "Zhang et al., Provable Dynamic Fusion for Low-Quality Multimodal Data, ICML 2023, "
        "arXiv:2306.02050; the energy is of centred logits, which otherwise no loss pins down; "
        "weights fall as losses rise, and by as much as weights differ"
    ),
    grid=({"rank": 0.1}, {"rank": 0.3}, {"rank": 1.0}),
)
SCALE = 0.1


class EnergyWeights(LateFusion):
    """Logits of all modalities, each times its energy."""

    def logits(self, p: Parameters, c: LaneContext, h: Encoded, present: There) -> Lanes:
        """Sum of logits by weights, ``(lane, n, class)``."""
        return summed(self.unimodal(p, c, h), stacked(c, present))

    def loss(self, p: Parameters, c: LaneContext, batch: LaneBatch) -> Lanes:
        """Losses of the answer and of each modality, and of weights in the wrong order."""
        answers = self.unimodal(p, c, self.encoded(p, c, batch))
        answer = summed(answers, stacked(c, batch.present))
        total = c.losses(answer, batch.labels).mean(1) + unimodal_losses(answers, c, batch)
        for m, z in answers.items():
            there = batch.present[m].float()
            hardness = self._hardness(c, m, batch, c.losses(z, batch.labels).detach() * there)
            weight = energy(z)
            pairs = misordered(weight, hardness, weight.detach().std(1, keepdim=True))
            total = total + c.option("rank") * (pairs * there * there.roll(-1, 1)).mean(1)
        return total

    def _hardness(self, c: LaneContext, m: str, batch: LaneBatch, losses: Lanes) -> Lanes:
        """Losses of these rows in all updates until now, 0 to 1 over the lane's rows."""
        sums = c.memory.setdefault(f"losses of {m}", torch.zeros(c.lanes, c.rows))
        sums.scatter_add_(1, batch.rows, losses)
        if c.epoch == 0:  # not all rows were seen as often
            return torch.zeros_like(losses)
        least, most = sums.amin(1, keepdim=True), sums.amax(1, keepdim=True)
        return (sums.gather(1, batch.rows) - least) / (most - least).clamp(min=1e-8)

    def trust(self, p: Parameters, c: LaneContext, h: Encoded, present: There) -> Lanes:
        """Share of each modality in the sum of what is there, ``(lane, n, modality)``."""
        own = torch.stack([energy(z) for z in self.unimodal(p, c, h).values()], -1)
        return normalised(own * stacked(c, present))

    def fuse(self, p: Parameters, c: LaneContext, h: Encoded, present: There) -> Lanes:
        """Probabilities."""
        return self.logits(p, c, h, present).softmax(-1)


def energy(logits: Lanes) -> Lanes:
    """Weight of a modality, at least a tenth of ``ln K``, ``(lane, n, class) -> (lane, n)``."""
    return SCALE * torch.logsumexp(logits - logits.mean(-1, keepdim=True), -1)


def summed(answers: dict[str, Lanes], there: Lanes) -> Lanes:
    """Logits times weights, over what is there, ``(lane, n, class)``."""
    own = [energy(z).unsqueeze(-1) * z for z in answers.values()]
    return (torch.stack(own, -1) * there.unsqueeze(2)).sum(-1)


def misordered(weights: Lanes, hardness: Lanes, scale: Lanes | float) -> Lanes:
    """How far each row and the next are from weights that fall as hardness rises, ``(lane, n)``.

    Args:
        weights: ``(lane, n)``.
        hardness: ``(lane, n)``, 0 to 1.
        scale: How much weights shall differ for a difference of hardness of 1.
    """
    gap = hardness - hardness.roll(-1, 1)
    return functional.relu(gap.sign() * (weights - weights.roll(-1, 1)) + scale * gap.abs())


METHOD = EnergyWeights
