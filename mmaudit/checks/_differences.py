"""Differences: how luma bends and steps from pixel to pixel, one row at a time.

A row is looked at while it is at hand; nothing as large as the picture is made.
"""

import numpy as np

from mmaudit.arrays import Ints, Pixels
from mmaudit.kernels import kernel

PERIOD = 8  # px from one line of a grid to the next
BLOCK = 16  # px a side of the blocks in which noise is looked for
MOST = np.uint8(32)  # levels: an edge of the scene does not count for more
FULL = 1024  # rows whose steps fit into 16 bits, and whose squares fit into 32


@kernel
def _gather(columns: Ints, blocks: Ints) -> None:
    """Add up columns ``(w,)`` block by block, ``(block,)``, and begin them again."""
    for block in range(len(blocks)):
        total = 0
        for x in range(BLOCK):
            total += columns[block * BLOCK + x]
        blocks[block] = total
    columns[:] = 0


@kernel
def bends(luma: Pixels) -> tuple[int, Ints]:
    """What second differences of luma ``(h, w)`` come to; both sides are 2 or more.

    Returns:
        The sum of squares of the Laplacian over four neighbours, where the picture is mirrored at
        its borders without the border itself; the sum of magnitudes of second differences along
        both axes (Immerkær's mask) in each whole block inside the border, ``(block, block)``.
    """
    height, width = luma.shape
    sums = np.zeros(((height - 2) // BLOCK, (width - 2) // BLOCK), np.int64)
    energy = 0
    down, squares = np.empty(width, np.int16), np.zeros(width, np.int32)
    magnitudes = np.zeros(width, np.uint16)  # of a row of blocks: 16 times 2,040 at most
    for y in range(height):
        above, row, below = luma[abs(y - 1)], luma[y], luma[y + 1 if y + 1 < height else y - 1]
        for x in range(width):
            down[x] = above[x] - 2 * row[x] + below[x]
        first = down[0] + 2 * (np.int64(row[1]) - row[0])
        last = down[width - 1] + 2 * (np.int64(row[width - 2]) - row[width - 1])
        energy += first * first + last * last
        for x in range(width - 2):
            both = np.int16(down[x + 1] + row[x] - 2 * row[x + 1] + row[x + 2])
            squares[x] += np.int32(both) * np.int32(both)
        if y % FULL == FULL - 1 or y == height - 1:
            for x in range(width - 2):
                energy += squares[x]
                squares[x] = 0
        if 1 <= y <= len(sums) * BLOCK:
            for x in range(width - 2):
                both = np.int16(down[x] - 2 * down[x + 1] + down[x + 2])
                magnitudes[x] += max(both, np.int16(-both))
            if y % BLOCK == 0:
                _gather(magnitudes, sums[y // BLOCK - 1])
    return energy, sums


@kernel
def phases_across(luma: Pixels) -> Ints:
    """By how much steps from column to column exceed both of their neighbours, `MOST` at the most.

    Sums of every eighth column of ``(h, w)``, from each of 8 starts, ``(8,)``: of the first of
    w - 3 columns that are a multiple of 8; w is 4 or more.
    """
    height, width = luma.shape
    sums, part = np.zeros(PERIOD, np.int64), np.zeros(width - 3, np.uint16)
    steps, beyond = np.empty(width - 1, np.uint8), np.empty(width - 3, np.uint8)
    for y in range(height):
        row = luma[y]
        for x in range(width - 1):
            steps[x] = max(row[x], row[x + 1]) - min(row[x], row[x + 1])
        for x in range(width - 3):
            most = max(steps[x], steps[x + 2])
            beyond[x] = max(steps[x + 1], most) - most
        for x in range(width - 3):
            part[x] += min(beyond[x], MOST)
        if y % FULL == FULL - 1 or y == height - 1:
            for x in range(len(part) // PERIOD * PERIOD):
                sums[x % PERIOD] += part[x]
            part[:] = 0
    return sums


@kernel
def phases_down(luma: Pixels) -> Ints:
    """The same of steps from row to row, of rows of ``(h, w)``; h is 4 or more."""
    height, width = luma.shape
    sums, part = np.zeros(PERIOD, np.int64), np.zeros((PERIOD, width), np.uint16)
    steps, beyond = np.empty((3, width), np.uint8), np.empty(width, np.uint8)
    rows = (height - 3) // PERIOD * PERIOD
    for y in range(min(height - 1, rows + 2)):
        row, below, step = luma[y], luma[y + 1], steps[y % 3]
        for x in range(width):
            step[x] = max(row[x], below[x]) - min(row[x], below[x])
        if y > 1:
            before, middle, own = steps[(y - 2) % 3], steps[(y - 1) % 3], part[(y - 2) % PERIOD]
            for x in range(width):
                most = max(before[x], step[x])
                beyond[x] = max(middle[x], most) - most
            for x in range(width):
                own[x] += min(beyond[x], MOST)
        if y % FULL == FULL - 1 or y == rows + 1:
            for phase in range(PERIOD):
                for x in range(width):
                    sums[phase] += part[phase, x]
            part[:] = 0
    return sums
