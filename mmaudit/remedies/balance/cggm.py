"""CGGM: classifiers that look on say which modality gains; one that gains less gets longer steps.

A second loss wants the joint head to change as the classifier of each modality would.
"""

import torch
from torch.nn import functional

from mmaudit.remedies.balance._speeds import PACE, PacedFusion, over_rows
from mmaudit.remedies.base import Remedy
from mmaudit.remedies.context import LaneBatch, LaneContext
from mmaudit.remedies.late import unimodal, unimodal_losses, unimodal_shapes
from mmaudit.remedies.layers import Lanes, Parameters, Shapes
from mmaudit.remedies.method import Encoded

SPEED = 1.3  # rho
LAST = 0.1  # share of the newest batch in a running accuracy
STILL = 1e-6  # gains of accuracy that are none
LIMIT = 2.0  # of a balance, which is a ratio of differences

REMEDY = Remedy(
    challenge="imbalanced",
    head="additive",
    source="Guo et al. 2024, NeurIPS, arXiv:2411.01409; gains are of running accuracies, "
    "balances within [0, 2] and on the updates; directions are compared by gradients, in closed "
    "form, of the part of the joint head that belongs to the modality",
    grid=({"direction": 0.05}, {"direction": 0.2}, {"direction": 0.5}),
)


class ClassifierGuided(PacedFusion):
    """Concatenation, classifiers that look on, and what they say of steps and directions."""

    def shapes(self, c: LaneContext) -> Shapes:
        """Concatenation's, and those of the classifiers that look on."""
        return super().shapes(c) | unimodal_shapes(c)

    def loss(self, p: Parameters, c: LaneContext, batch: LaneBatch) -> Lanes:
        """Loss of each lane, ``(lane,)``."""
        h = self.encoded(p, c, batch)
        logits = self.logits(p, c, h, batch.present)
        own = unimodal(p, c, {m: e.detach() for m, e in h.items()})
        balance = _balance(c, own, batch)
        c.memory[PACE] = SPEED * balance
        with torch.no_grad():
            wanted = head_gradients(h, own, batch.labels)
        meant = head_gradients(h, dict.fromkeys(c.modalities, logits), batch.labels)
        away = torch.stack([1 - cosine(meant[m], wanted[m]) for m in c.modalities], -1)
        direction = c.option("direction") * (balance * away).mean(-1)
        joint = c.losses(logits, batch.labels).mean(1)
        return joint + unimodal_losses(own, c, batch) + direction


def _balance(c: LaneContext, own: dict[str, Lanes], batch: LaneBatch) -> Lanes:
    """How little each modality's classifier gained of what all did, ``(lane, modality)``."""
    right = {m: (z.detach().argmax(-1) == batch.labels).float() for m, z in own.items()}
    now = over_rows(right, batch)
    before = c.memory.get("accuracy", now)
    c.memory["accuracy"] = before + LAST * (now - before)
    return balances(c.memory["accuracy"] - before)


def balances(gains: Lanes) -> Lanes:
    """Share of the others in all gains, within limits, ``(lane, modality)``.

    Where nothing was gained they are all alike.
    """
    total = gains.sum(-1, keepdim=True)
    still = total.abs() < STILL
    share = (total - gains) / torch.where(still, torch.ones_like(total), total)
    count = gains.shape[-1]
    return torch.where(still, torch.full_like(gains, (count - 1) / count), share).clamp(0, LIMIT)


def head_gradients(h: Encoded, logits: dict[str, Lanes], labels: Lanes) -> dict[str, Lanes]:
    """Gradient of the mean cross-entropy by the weights of each head, ``(lane, width, class)``.

    Args:
        h: Encodings, ``(lane, n, width)``.
        logits: Of each head, ``(lane, n, class)``.
        labels: ``(lane, n)``.
    """
    return {
        m: h[m].transpose(1, 2)
        @ (z.softmax(-1) - functional.one_hot(labels, z.shape[-1]))
        / labels.shape[1]
        for m, z in logits.items()
    }


def cosine(a: Lanes, b: Lanes) -> Lanes:
    """Cosine of two matrices as vectors, ``(lane,)``."""
    return functional.cosine_similarity(a.flatten(1), b.flatten(1), dim=1)


METHOD = ClassifierGuided
