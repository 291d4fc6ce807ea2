"""Plain features of pictures: colours and gradients of a grid, a histogram; and their mean."""

from collections import deque
from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import NDArray

from mmaudit.arrays import Pixels, Vectors, mean_of

SIDE, CELLS, ANGLES, SHADES = 64, 4, 8, 4  # pixels, cells a side, orientations, levels a colour


def features(pixels: NDArray[np.uint8]) -> Vectors:
    """Colour, contrast and gradients of a grid's cells, and the histogram of colours."""
    from PIL import Image  # noqa: PLC0415  reading a manifest needs no pixels

    rows = np.asarray(pixels)
    if rows.ndim == 2 or rows.shape[2] < 3:
        rows = np.repeat(rows.reshape(*rows.shape[:2], -1)[..., :1], 3, axis=2)
    if rows.shape[2] == 4:
        alpha = rows[..., 3:] / 255.0
        rows = (rows[..., :3] * alpha + 255.0 * (1.0 - alpha)).astype(np.uint8)
    small = np.asarray(Image.fromarray(rows[..., :3]).resize((SIDE, SIDE), Image.Resampling.BOX))
    colour = small.astype(np.float32) / 255.0
    grey = colour @ np.array([0.299, 0.587, 0.114], np.float32)
    planes = np.stack(
        [
            grey,
            colour[..., 0] - colour[..., 1],
            (colour[..., 0] + colour[..., 1]) / 2 - colour[..., 2],
        ]
    )
    cells = _cells(planes)
    shade = np.minimum(colour * SHADES, SHADES - 1).astype(np.int64)
    number = (shade[..., 0] * SHADES + shade[..., 1]) * SHADES + shade[..., 2]
    histogram = np.sqrt(np.bincount(number.ravel(), minlength=SHADES**3) / number.size)
    parts = [cells.mean(-1).ravel(), cells.std(-1).ravel(), _gradients(grey), histogram]
    return np.concatenate(parts).astype(np.float32)


def _cells(planes: Vectors) -> Vectors:
    """Planes ``(p, side, side)`` cut into cells, ``(p, cells, cells, pixel)``."""
    size = SIDE // CELLS
    cut = planes.reshape(len(planes), CELLS, size, CELLS, size).transpose(0, 1, 3, 2, 4)
    return cut.reshape(len(planes), CELLS, CELLS, size * size)


def _gradients(grey: Vectors) -> Vectors:
    """Strength of the gradients by direction in each cell, square roots of shares."""
    down, across = np.gradient(grey)
    strength = np.hypot(down, across)
    angle = (np.arctan2(down, across) % np.pi) / np.pi * ANGLES
    direction = np.minimum(angle.astype(np.int64), ANGLES - 1)
    planes = np.stack([np.where(direction == k, strength, 0.0) for k in range(ANGLES)])
    sums = _cells(planes).sum(-1)
    return np.sqrt(sums / (sums.sum(0, keepdims=True) + 1e-3)).ravel().astype(np.float32)


def mean_picture(pictures: Iterable[Pixels]) -> NDArray[np.float64] | None:
    """The mean pixel by pixel, or the mean colour where sizes differ."""
    every, colours, shapes = iter(pictures), list[NDArray[np.float64]](), list[tuple[int, ...]]()

    def passing() -> Iterator[Pixels]:
        for picture in every:
            shapes.append(picture.shape)
            colours.append(picture.mean((0, 1)))
            yield picture

    by_pixel = mean_of(passing())
    if by_pixel is not None:
        return by_pixel
    deque(passing(), maxlen=0)
    if len({colour.shape for colour in colours}) > 1:
        return None
    return np.broadcast_to(np.stack(colours).mean(axis=0), shapes[0])
