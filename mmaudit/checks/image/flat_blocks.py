"""Flat blocks: squares of the picture in which nothing varies at all.

The share of blocks of 8 by 8 pixels whose luma stays within one level: what was cut out, painted
over, or compressed until only the mean of a block was left. Drawings have many of their own.
"""

import math

import numpy as np

from mmaudit.arrays import Pixels
from mmaudit.checks.base import QualityCheck
from mmaudit.checks.planes import Planes, planes
from mmaudit.kernels import kernel

SIDE = 8


def measure(picture: Planes) -> float:
    """Share of blocks within one level."""
    if not picture.large_enough:
        return math.nan
    high, wide = (side // SIDE for side in picture.sides)
    return int(_flat(picture.luma, high, wide)) / (high * wide)


@kernel
def _flat(luma: Pixels, high: int, wide: int) -> int:
    """How many blocks stay within one level: columns of a row of blocks first, then across."""
    flat = 0
    low = np.empty(wide * SIDE, np.uint8)
    top = np.empty(wide * SIDE, np.uint8)
    for block in range(high):
        for x in range(wide * SIDE):  # a slice takes seconds to compile
            low[x] = top[x] = luma[block * SIDE, x]
        for y in range(1, SIDE):
            row = luma[block * SIDE + y]
            for x in range(wide * SIDE):
                low[x] = min(low[x], row[x])
                top[x] = max(top[x], row[x])
        for start in range(0, wide * SIDE, SIDE):
            least, most = low[start], top[start]
            for x in range(start + 1, start + SIDE):
                least = min(least, low[x])
                most = max(most, top[x])
            flat += most - least <= 1
    return flat


CHECK = QualityCheck(
    view=planes,
    measure=measure,
    unit="1",
    bad="high",
    source="share of blocks without variation; ours",
    finding="has flat blocks",
    suggestion="look for parts that were cut out, and for strong compression",
    sees=("image/coarse_dropout", "image/cutout", "image/jpeg_compression"),
    scale="share",
)
