"""Planes: what the checks of a picture look at, each worked out once and only where it is needed.

A picture is looked at as a viewer shows it: with 8 bits a channel, and on white where it is
transparent.
"""

import math
from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np

from mmaudit.arrays import Ints, Pixels
from mmaudit.checks import _levels
from mmaudit.checks._differences import BLOCK, bends

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
    def counts(self) -> Ints:
        """Pixels at each level of luma, ``(256,)``."""
        levels: Ints = _levels.counts(self.luma.ravel())
        return levels

    def quantile(self, share: float) -> int:
        """The least level of luma that at least a share of the pixels does not exceed."""
        return int(_levels.quantile(self.counts, share))

    @cached_property
    def contrast(self) -> float:
        """Standard deviation of luma, in levels."""
        return float(_levels.deviation(self.counts))

    @cached_property
    def noise(self) -> float:
        """Standard deviation of noise in luma, in levels; the picture is `large_enough`.

        Immerkær 1996, in blocks of 16 pixels: the 20 % quantile of them, for texture goes to the
        blocks above.
        """
        sums = self._bends[1].ravel()
        at = int(CALMEST * (len(sums) - 1))
        mean = int(np.partition(sums, at)[at]) / BLOCK**2
        return math.sqrt(math.pi / 2) / 6 * mean

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
