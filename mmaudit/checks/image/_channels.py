"""Channels: what the values of all channels say, a row of them after the other as they lie.

Values of a pixel lie side by side: RGB, RGB and so on. What is asked of each of them, or of two
that are next to each other, is asked of all of a row alike, and counts where it means something.
What is worked out of bytes is said to be bytes: numba would take 64 bits for each, and eight times
as long.
"""

import numpy as np

from mmaudit.arrays import Pixels
from mmaudit.kernels import kernel

CHANNELS = 3
MOST = 255  # rows whose counts fit into 8 bits


@kernel
def apart(values: Pixels, step: int) -> int:
    """The largest difference between two channels of a pixel.

    Args:
        values: RGB, ``(h, 3 w)``.
        step: One row in so many is looked at.
    """
    height, width = values.shape
    near, far = np.zeros(width - 2, np.uint8), np.zeros(width - 2, np.uint8)
    for y in range(0, height, step):
        row = values[y]
        for x in range(width - 2):
            near[x] = max(near[x], np.uint8(max(row[x], row[x + 1]) - min(row[x], row[x + 1])))
        for x in range(width - 2):
            far[x] = max(far[x], np.uint8(max(row[x], row[x + 2]) - min(row[x], row[x + 2])))
        last = np.uint8(max(row[width - 2], row[width - 1]) - min(row[width - 2], row[width - 1]))
        far[0] = max(far[0], last)  # green and blue of the last pixel
    most = np.uint8(0)
    for x in range(0, width - 2, CHANNELS):  # red and green, red and blue
        most = max(most, near[x], far[x])
    for x in range(1, width - 2, CHANNELS):  # green and blue
        most = max(most, near[x])
    return int(most)


@kernel
def at_ends(values: Pixels) -> int:
    """How many values ``(h, m)`` are 0 or 255."""
    height, width = values.shape
    part, count = np.zeros(width, np.uint8), 0
    for y in range(height):
        row = values[y]
        for x in range(width):
            part[x] += np.uint8(np.uint8(row[x] + 1) <= 1)
        if y % MOST == MOST - 1 or y == height - 1:
            for x in range(width):
                count += part[x]
                part[x] = 0
    return count
