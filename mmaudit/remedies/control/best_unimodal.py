"""Best modality alone: the answer of the one that is best on held-out rows.

Where it is absent, the next best one that is there answers. What fuses must beat this.
"""

import torch
from torch.nn import functional

from mmaudit.remedies.base import Remedy
from mmaudit.remedies.context import LaneBatch, LaneContext
from mmaudit.remedies.late import LateFusion, stacked, weighted
from mmaudit.remedies.layers import Lanes, Parameters
from mmaudit.remedies.method import Encoded, There

REMEDY = Remedy(
    challenge="",
    head="late",
    source="the best single modality as a control; Wang et al. 2020, arXiv:1905.12681",
    tasks=("class", "number"),
)


class BestUnimodal(LateFusion):
    """Late fusion of which one modality has all the say."""

    BASE, TRAINS = "control/late_mean", False

    def after(self, p: Parameters, c: LaneContext, held_out: LaneBatch) -> Parameters:
        """How wrong each modality is on the held-out rows that have it, ``(lane, modality)``."""
        each = []
        for m, z in self.unimodal(p, c, self.encoded(p, c, held_out)).items():
            there = held_out.present[m].float()
            wrong = (c.wrong(c.answer(z), held_out.labels) * there).sum(1)
            each.append(torch.where(there.any(1), wrong / there.sum(1).clamp(min=1), torch.inf))
        return {"wrong": torch.stack(each, -1).clamp(max=torch.finfo(torch.float32).max)}

    def fuse(self, p: Parameters, c: LaneContext, h: Encoded, present: There) -> Lanes:
        """Answer of the best modality that is there; of the best of all where none is."""
        answers = torch.stack([c.answer(z) for z in self.unimodal(p, c, h).values()], -1)
        absent = stacked(c, present) == 0
        best = p["wrong"].unsqueeze(1).masked_fill(absent, torch.inf).argmin(-1)
        return weighted(answers, functional.one_hot(best, len(c.modalities)).float())


METHOD = BestUnimodal
