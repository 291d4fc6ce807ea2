"""Normal noise of every update, which costs little: from one table, at a place that is drawn."""

from math import prod

import torch

from mmaudit.remedies.context import LaneContext
from mmaudit.remedies.layers import Lanes

SIZE = 2**16 + 1  # numbers of a table, an odd count: what is longer does not repeat in step


def noise(c: LaneContext, purpose: str, *shape: int) -> Lanes:
    """Standard normal numbers, ``(lane, *shape)``, others in each update.

    Args:
        c: The context, whose memory holds the table.
        purpose: What they are for.
        shape: Shape for one lane.
    """
    if purpose not in c.memory:
        c.memory[purpose] = c.draws.normal(purpose, 0, SIZE)
    first = (c.draws.uniform(purpose, c.step, 1) * SIZE).long()
    at = (first + torch.arange(prod(shape))) % SIZE
    return c.memory[purpose].gather(1, at).view(c.lanes, *shape)
