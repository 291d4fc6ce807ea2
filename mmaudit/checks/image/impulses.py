"""Impulses: single pixels that have nothing to do with their neighbours.

The share of pixels whose luma is more than 48 levels from the median of their 3 by 3. Strong
noise of another kind has such pixels too: where `noise` is high as well, it is that.
"""

import math

import numpy as np

from mmaudit.arrays import Pixels
from mmaudit.checks.base import QualityCheck
from mmaudit.checks.planes import SMALLEST, Planes, planes
from mmaudit.kernels import kernel

FAR = np.uint8(48)  # levels from the median
MOST = 255  # rows whose counts fit into 8 bits


def measure(picture: Planes) -> float:
    """Share of pixels far from their neighbourhood."""
    luma = picture.luma
    if max(luma.shape) < SMALLEST or min(luma.shape) < 3:
        return math.nan
    return int(_far(luma)) / luma.size


@kernel
def _far(luma: Pixels) -> int:
    """How many pixels are far from the median of their 3 by 3.

    What is beyond the border is as the border. Columns of three, which neighbours share, are
    sorted first.
    """
    height, width = luma.shape
    columns = np.empty((3, width + 2), np.uint8)
    low, middle, high = columns[0], columns[1], columns[2]
    part, count = np.zeros(width, np.uint8), 0
    for y in range(height):
        above, row, below = luma[max(y - 1, 0)], luma[y], luma[min(y + 1, height - 1)]
        for x in range(width):
            least, most = min(above[x], row[x]), max(above[x], row[x])
            low[x + 1] = min(least, below[x])
            middle[x + 1] = max(least, min(most, below[x]))
            high[x + 1] = max(most, below[x])
        for column in (low, middle, high):
            column[0], column[width + 1] = column[1], column[width]
        for x in range(width):
            of_low = max(low[x], low[x + 1], low[x + 2])
            of_high = min(high[x], high[x + 1], high[x + 2])
            least, most = min(middle[x], middle[x + 1]), max(middle[x], middle[x + 1])
            of_middle = max(least, min(most, middle[x + 2]))
            least, most = min(of_low, of_middle), max(of_low, of_middle)
            median = max(least, min(most, of_high))
            part[x] += np.uint8(np.uint8(max(row[x], median) - min(row[x], median)) > FAR)
        if y % MOST == MOST - 1 or y == height - 1:
            for x in range(width):
                count += part[x]
                part[x] = 0
    return count


CHECK = QualityCheck(
    view=planes,
    measure=measure,
    unit="1",
    bad="high",
    source="distance to the median of 3 by 3, as in the switching median filters of Sun & Neuvo "
    "1994, doi:10.1016/0167-8655(94)90082-5; 48 levels: ours",
    finding="has stray pixels",
    suggestion="look for a broken sensor or transmission; a 3 by 3 median mends few of them",
    sees=("image/impulse_noise", "image/salt_and_pepper"),
    scale="share",
)
