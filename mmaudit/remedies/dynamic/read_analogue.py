"""READ: queries, keys and values of trained attention adapt to each sample that they answer.

They move once towards surer answers, for one row alone, and are then as they were trained.
"""

from typing import ClassVar

import torch

from mmaudit.remedies.attention import ModalityTokens
from mmaudit.remedies.base import Remedy
from mmaudit.remedies.context import LaneContext
from mmaudit.remedies.layers import Lanes, Parameters
from mmaudit.remedies.method import Encoded, There

ADAPTED = ("block.qkv.w", "block.qkv.b")
TOGETHER = 512  # rows that adapt at a time, each with parameters of its own
EPSILON = 1e-8  # of Adam, beside the size of a slope

REMEDY = Remedy(
    challenge="noisy",
    head="mlp",
    source="Yang et al. 2024, ICLR; its step, on self-attention with a token a modality",
    analogue="a row adapts by itself and not with its batch, whose order and size would change "
    "answers, so that the term which spreads a batch over the classes is not here",
)


class AdaptedAttention(ModalityTokens):
    """Self-attention as it was trained, of which each row moves a part before it is answered.

    Attributes:
        RATE: Size of the one step of Adam; that of the paper.
    """

    BASE = "generic/self_attention"
    TRAINS = False
    RATE: ClassVar[float] = 1e-4

    def fuse(self, p: Parameters, c: LaneContext, h: Encoded, present: There) -> Lanes:
        """Probabilities, each row's after its own step."""
        n = next(iter(h.values())).shape[1]
        parts = [slice(start, start + TOGETHER) for start in range(0, n, TOGETHER)]
        return torch.cat([self._adapted(p, c, *_cut(h, present, rows)) for rows in parts], 1)

    def _adapted(self, p: Parameters, c: LaneContext, h: Encoded, present: There) -> Lanes:
        """Probabilities of a few rows: each is a lane of its own."""
        lanes, n, _ = next(iter(h.values())).shape
        own = {m: x.flatten(0, 1).unsqueeze(1) for m, x in h.items()}
        there = {m: x.expand(lanes, n).flatten().unsqueeze(1) for m, x in present.items()}
        q = {name: value.repeat_interleave(n, 0) for name, value in p.items()}
        with torch.enable_grad():
            moving = {name: q[name].requires_grad_() for name in ADAPTED}
            unsure = confidence_loss(super().fuse(q, c, own, there))
            slopes = torch.autograd.grad(unsure.sum(), list(moving.values()))
        for (name, value), slope in zip(moving.items(), slopes, strict=True):
            q[name] = (value - self.RATE * slope / (slope.abs() + EPSILON)).detach()
        return super().fuse(q, c, own, there).reshape(lanes, n, -1)


def confidence_loss(answers: Lanes) -> Lanes:
    """Minus p ln p of the greatest probability p, whose slope in p is 0 at 1/e, ``(lane, n)``."""
    top = answers.amax(-1)
    return -top * top.log()


def _cut(h: Encoded, present: There, rows: slice) -> tuple[Encoded, There]:
    """Some of the rows."""
    return {m: x[:, rows] for m, x in h.items()}, {m: x[:, rows] for m, x in present.items()}


METHOD = AdaptedAttention
