"""Planes: what the checks of a picture look at, each worked out once and only where it is needed.

A picture is looked at as a viewer shows it: with 8 bits a channel, and on white where it is
transparent.
"""

import math
from bisect import bisect_left
from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np
from numpy.typing import NDArray

from mmaudit.arrays import Floats, Ints, Pixels
from mmaudit.checks.image._differences import BLOCK, bends
from mmaudit.kernels import kernel

LEVELS = 256
SMALLEST = 32  # px of the shorter side: below, sharpness, noise and grids mean nothing
DETAIL = 512  # px of the longer side at which sharpness is compared
CALMEST = 0.2  # share of the blocks that have the least texture: what they vary by is noise


@dataclass(frozen=True)
class Planes:
    """A picture, and what several checks need of it.

    Attributes:
        colour: ``(h, w, 1 or 3)``, RGB or grey.
        luma: ``(h, w)``, Rec. 601.
    """

    colour: Pixels
    luma: Pixels

    @property
    def sides(self) -> tuple[int, int]:
        """Height and width in pixels."""
        height, width = self.luma.shape
        return height, width

    @property
    def large_enough(self) -> bool:
        """Whether it has pixels enough to say something about how they vary together."""
        return min(self.luma.shape) >= SMALLEST

    @cached_property
    def shares(self) -> Floats:
        """Share of the pixels at each level of luma, ``(256,)``."""
        return _counts(self.luma.ravel()) / self.luma.size

    @cached_property
    def _cumulative(self) -> list[float]:
        cumulative: list[float] = self.shares.cumsum().tolist()
        return cumulative

    def quantile(self, share: float) -> int:
        """The least level of luma that at least a share of the pixels does not exceed."""
        return min(bisect_left(self._cumulative, share - 1e-12), LEVELS - 1)

    @cached_property
    def contrast(self) -> float:
        """Standard deviation of luma, in levels."""
        _, deviation = cv2.meanStdDev(self.luma)
        return float(deviation[0, 0])

    @cached_property
    def noise(self) -> float:
        """Standard deviation of noise in luma, in levels; the picture is `large_enough`.

        Immerkær 1996, in blocks of 16 pixels: the 20 % quantile of them, for texture goes to the
        blocks above.
        """
        means = self._bends[1].ravel() / BLOCK**2
        at = int(CALMEST * (len(means) - 1))
        return math.sqrt(math.pi / 2) / 6 * float(np.partition(means, at)[at])

    @cached_property
    def detail(self) -> "Planes":
        """The picture at no more than 512 pixels, so that sharpness does not go with size."""
        height, width = self.luma.shape
        if max(height, width) <= DETAIL:
            return self
        scale = DETAIL / max(height, width)
        size = max(round(width * scale), 1), max(round(height * scale), 1)
        luma = cv2.resize(self.luma, size, interpolation=cv2.INTER_AREA)
        return Planes(luma[..., None], luma)

    @cached_property
    def curvature(self) -> float:
        """Mean square of the Laplacian of luma over four neighbours, in levels squared."""
        return self._bends[0] / self.luma.size

    @cached_property
    def _bends(self) -> tuple[int, Ints]:
        energy, sums = bends(self.luma)
        return energy, sums


def planes(image: Pixels, _rate: float = 0.0) -> Planes:
    """The planes of a picture ``(h, w, 1 to 4)`` of 8 or 16 bits."""
    eight = image if image.dtype == np.uint8 else _narrowed(image)
    shown = eight if eight.shape[2] in {1, 3} else _on_white(eight)
    colour = np.ascontiguousarray(shown)
    luma = cv2.cvtColor(colour, cv2.COLOR_RGB2GRAY) if colour.shape[2] == 3 else colour[..., 0]
    return Planes(colour, luma)


def _narrowed(image: Pixels) -> Pixels:
    """16 bits as the nearest of 8."""
    return np.rint(image / np.float32(257)).astype(np.uint8)


def _on_white(image: Pixels) -> Pixels:
    opaque = image[..., -1:].astype(np.float32) / 255
    mixed = image[..., :-1] * opaque + 255 * (1 - opaque)
    return np.rint(mixed).astype(np.uint8)


@kernel
def _counts(values: Pixels) -> NDArray[np.int64]:
    """How many values ``(n,)`` there are of each level; four counts, for neighbours are alike."""
    counts = np.zeros((4, LEVELS), np.int64)
    for i in range(len(values)):
        counts[i % 4, values[i]] += 1
    return counts.sum(0)
