"""MMPareto: each encoder's step is one that neither the joint loss nor its own loss objects to.

Where no gradients clash this is unimodal losses, with longer steps.
"""

from typing import ClassVar

import torch

from mmaudit.remedies.balance._joint import JointFusion
from mmaudit.remedies.base import Remedy
from mmaudit.remedies.context import LaneBatch, LaneContext
from mmaudit.remedies.layers import TINY, Lanes, Parameters, flat, spread
from mmaudit.remedies.method import trunk

REMEDY = Remedy(
    challenge="imbalanced",
    head="additive",
    source="Wei and Hu 2024, arXiv:2405.17730; weights and length are of a whole encoder, and "
    "gamma is on its update",
    tasks=("class", "number"),
    grid=({"gamma": 1.0}, {"gamma": 1.5}, {"gamma": 2.0}),
)


class ParetoFusion(JointFusion):
    """Concatenation and own heads; two gradients of each encoder are joined without conflict."""

    PASSES: ClassVar[int] = 2

    def gradients(self, p: Parameters, c: LaneContext, batch: LaneBatch) -> Parameters:
        """Gradient of each parameter; of heads each by its own loss."""
        joint, own = (_each(loss, p) for loss in self.joint_and_own(p, c, batch))
        gradients = {name: joint[name] + own[name] for name in p}
        for m in c.modalities:
            names = [name for name in p if trunk(f"encoder.{m}", name)]
            a, b = (flat([each[name] for name in names]) for each in (joint, own))
            first, second = (scale * w for scale in [length(a, b)] for w in weights(a, b))
            for name in names:
                gradients[name] = (
                    spread(first, p[name]) * joint[name] + spread(second, p[name]) * own[name]
                )
        return gradients

    def factors(self, p: Parameters, c: LaneContext) -> dict[str, Lanes]:
        """Longer steps of encoders, which are to find flatter places."""
        del p
        return {f"encoder.{m}": c.option("gamma") for m in c.modalities}


def weights(a: Lanes, b: Lanes) -> tuple[Lanes, Lanes]:
    """Weights of two gradients, ``(lane,)`` each, that sum to 2.

    1 and 1 where they agree; else those of their shortest mixture, which both agree with alike.

    Args:
        a: One, ``(lane, numbers)``.
        b: The other.
    """
    agree = (a * b).sum(1)
    shortest = ((b * b).sum(1) - agree) / (a - b).square().sum(1).clamp(min=TINY)
    first = torch.where(agree > 0, torch.full_like(agree, 0.5), shortest.clamp(0, 1))
    return 2 * first, 2 * (1 - first)


def length(a: Lanes, b: Lanes) -> Lanes:
    """Factor by which the mixture is as long at least as the sum of the two, ``(lane,)``."""
    first, second = weights(a, b)
    mixture = first.unsqueeze(1) * a + second.unsqueeze(1) * b
    return ((a + b).norm(dim=1) / mixture.norm(dim=1).clamp(min=TINY)).clamp(min=1)


def _each(loss: Lanes, p: Parameters) -> Parameters:
    """Gradients of one of two losses that share encoders; 0 of what it does not reach."""
    gradients = torch.autograd.grad(
        loss.sum(), list(p.values()), retain_graph=True, allow_unused=True, materialize_grads=True
    )
    return dict(zip(p, gradients, strict=True))


METHOD = ParetoFusion
