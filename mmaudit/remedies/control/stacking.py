"""Stacking: a linear layer over log-probabilities of single modalities, of held-out rows.

It is held near the product of the probabilities by a ridge, and sees held-out rows also with each
modality absent and with each alone, so that it stays an answer where something is missing.
"""

import torch

from mmaudit.remedies.base import Remedy
from mmaudit.remedies.context import LaneBatch, LaneContext
from mmaudit.remedies.late import LateFusion, stacked
from mmaudit.remedies.layers import Lanes, Parameters
from mmaudit.remedies.method import Encoded, There
from mmaudit.remedies.optimiser import descended

LOWEST = -8.0  # of a log-probability: one sure answer does not decide the fit
RIDGE = 0.05

REMEDY = Remedy(
    challenge="",
    head="late",
    source="Wolpert 1992, doi:10.1016/S0893-6080(05)80023-1; a ridge towards the product, and one "
    "gain for each number of modalities that are there",
    tasks=("class", "number"),
)


class Stacking(LateFusion):
    """Late fusion by a layer of its own over what each modality says."""

    BASE, TRAINS = "control/late_mean", False

    def after(self, p: Parameters, c: LaneContext, held_out: LaneBatch) -> Parameters:
        """The layer, its bias, and the gains."""
        said = self._said(p, c, self.encoded(p, c, held_out)).detach()
        there = stacked(c, held_out.present)
        patterns = _patterns(there)
        start = self._start(c, len(said))

        def loss(q: Parameters) -> Lanes:
            each = _contributions(q, said)
            losses = [c.losses(_joined(q, each, there), held_out.labels) for there in patterns]
            ridge = sum(((q[name] - first) ** 2).flatten(1).sum(1) for name, first in start.items())
            return losses[0].mean(1) + torch.stack(losses[1:]).mean((0, 2)) + RIDGE * ridge

        return descended(start, loss)

    def fuse(self, p: Parameters, c: LaneContext, h: Encoded, present: There) -> Lanes:
        """What the layer makes of what is there."""
        each = _contributions(p, self._said(p, c, h))
        return c.answer(_joined(p, each, stacked(c, present)))

    def _said(self, p: Parameters, c: LaneContext, h: Encoded) -> Lanes:
        """Centred log-probabilities, or numbers, ``(lane, modality, n, output)``."""
        outputs = torch.stack(list(self.unimodal(p, c, h).values()), 1)
        if c.task == "number":
            return outputs
        logs = outputs.log_softmax(-1).clamp(min=LOWEST)
        return logs - logs.mean(-1, keepdim=True)

    def _start(self, c: LaneContext, lanes: int) -> Parameters:
        """The product of probabilities, or the mean of numbers."""
        count = len(c.modalities)
        gains = torch.ones(count) if c.task == "class" else 1 / torch.arange(1, count + 1)
        return {
            "stack": torch.eye(c.outputs).repeat(lanes, count, 1, 1),
            "bias": torch.zeros(lanes, c.outputs),
            "gains": gains.repeat(lanes, 1),
        }


def _contributions(p: Parameters, said: Lanes) -> Lanes:
    """What each modality adds, ``(lane, n, output, modality)``."""
    return (said @ p["stack"]).permute(0, 2, 3, 1)


def _joined(p: Parameters, each: Lanes, there: Lanes) -> Lanes:
    """Logits, or numbers, ``(lane, n, output)``, by the gain of as many as are there."""
    several = there.sum(-1).long().expand(len(each), -1) - 1
    gain = p["gains"].gather(1, several).unsqueeze(-1)
    return gain * (each * there.unsqueeze(2)).sum(-1) + p["bias"].unsqueeze(1)


def _patterns(there: Lanes) -> list[Lanes]:
    """What is there, each modality alone, and all but each; a row that would be empty stays."""
    alone = torch.eye(there.shape[-1])
    patterns = [there * row for row in torch.cat([alone, 1 - alone])]
    return [there, *(torch.where(p.any(-1, keepdim=True), p, there) for p in patterns)]


METHOD = Stacking
