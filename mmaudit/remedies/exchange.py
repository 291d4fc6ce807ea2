"""Branches that exchange parts of what they say, and vote: shared by channels and by tokens."""

import torch

from mmaudit.remedies.context import LaneBatch, LaneContext
from mmaudit.remedies.layers import Lanes, Parameters, Shapes, linear, linear_shapes
from mmaudit.remedies.method import Encoded


def mean_of_others(own: Encoded) -> Encoded:
    """Of each modality, the mean of all others' tensors; its own where it is the only one."""
    if len(own) == 1:
        return own
    total: Lanes = sum(own.values())
    return {m: (total - x) / (len(own) - 1) for m, x in own.items()}


def ensemble_shapes(c: LaneContext, width: int) -> Shapes:
    """Shapes of a head a branch, and of what their votes weigh."""
    heads = [linear_shapes(f"branch.{m}", width, c.outputs) for m in c.modalities]
    own = {name: shape for head in heads for name, shape in head.items()}
    return own | {"votes.b": (len(c.modalities),)}


def ensemble(p: Parameters, c: LaneContext, h: Encoded) -> tuple[dict[str, Lanes], Lanes]:
    """Logits of each branch, and of their vote, ``(lane, n, output)``."""
    each = {m: linear(p, f"branch.{m}", h[m]) for m in c.modalities}
    weights = p["votes.b"].softmax(-1)[:, None, None]
    return each, (torch.stack(list(each.values()), -1) * weights).sum(-1)


def sum_of_losses(p: Parameters, c: LaneContext, h: Encoded, batch: LaneBatch) -> Lanes:
    """Losses of every branch and of their vote, ``(lane,)``."""
    each, vote = ensemble(p, c, h)
    losses = [c.losses(z, batch.labels).mean(1) for z in (*each.values(), vote)]
    return torch.stack(losses).sum(0)
