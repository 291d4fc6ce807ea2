"""Structure: which way edges run in a small picture, whatever its colours are.

At each pixel stands the doubled angle of the edge there, so that an edge from dark to bright is the
same as one from bright to dark, weighted by how surely there is one. Where a part has another
colour, its edges stay where they were.

References:
    Di Zenzo 1986, "A note on the gradient of a multi-image",
    doi:10.1016/0734-189X(86)90223-9 (the tensor of several channels); Granlund 1978, "In search of
    a general picture processing operator", doi:10.1016/0146-664X(78)90047-3 (the doubled angle)
"""

import functools
import math
from collections.abc import Sequence

import cv2
import numpy as np

from mmaudit.arrays import Grey, Singles
from mmaudit.kernels import kernel

FAINT = 4 / 3  # squared grey levels a pixel: of weaker slopes the direction is noise
WEAK = 0.1  # of the strongest place, below which there is no structure to agree


def field(planes: Sequence[Grey], smooth: float = 0.0, flat: float = FAINT) -> Singles:
    """Doubled angles of the edges of a small picture.

    Args:
        planes: Its channels, ``(side, side)`` of float32 each, 0 … 255.
        smooth: Pixels over which edges are taken together, so that they meet nearby ones.
        flat: Squared slope, in grey levels a pixel, at which the certainty is a half.

    Returns:
        Cosines and sines times certainties in [0, 1), ``(2, side, side)``.
    """
    scale = 1 / (8 * math.sqrt(len(planes)))  # of slopes in levels a pixel, their squares a mean
    slopes = [
        [cv2.Sobel(plane, cv2.CV_32F, *way, scale=scale) for way in ((1, 0), (0, 1))]
        for plane in planes
    ]
    if len(slopes) == 1 and not smooth:
        return np.asarray(_doubled(*slopes[0], np.float32(flat)))
    products = ([x * x, y * y, x * y] for x, y in slopes)
    along, across, both = (functools.reduce(np.add, some) for some in zip(*products, strict=True))
    if smooth:
        along, across, both = (
            cv2.GaussianBlur(part, (0, 0), smooth) for part in (along, across, both)
        )
    doubled = np.stack([along - across, 2 * both])
    doubled /= along + across + np.float32(flat)
    return doubled


@kernel
def _doubled(along: Singles, across: Singles, flat: np.float32) -> Singles:
    """The field of one channel from its slopes, ``(side, side)`` each, in one pass."""
    height, width = along.shape
    doubled = np.empty((2, height, width), np.float32)
    for i in range(height):
        for j in range(width):
            x, y = along[i, j], across[i, j]
            certain = x * x + y * y + flat
            doubled[0, i, j] = (x * x - y * y) / certain
            doubled[1, i, j] = 2 * (x * y) / certain
    return doubled


def agreement(one: Singles, other: Singles) -> float:
    """Cosine of two fields, 1 where all edges run alike and 0 where they have nothing in common."""
    norm = np.sqrt(np.vdot(one, one) * np.vdot(other, other))
    return float(np.vdot(one, other) / norm) if norm > 0 else 0.0


def least_agreement(one: Singles, other: Singles, nearby: float) -> float:
    """The least cosine of two fields around any pixel that has structure in one of them.

    Args:
        one: A field, ``(2, side, side)``.
        other: Another of the same shape.
        nearby: Standard deviation in pixels of the Gaussian window around each pixel.

    Returns:
        In [-1, 1]; 0 where neither has any structure.
    """
    shared, first, second = (
        cv2.GaussianBlur((a * b).sum(axis=0), (0, 0), nearby, borderType=cv2.BORDER_CONSTANT)
        for a, b in ((one, other), (one, one), (other, other))
    )
    strongest = np.maximum(first, second)
    where = strongest >= max(WEAK * float(strongest.max()), 1e-6)
    cosines = shared[where] / np.sqrt(np.maximum(first * second, 1e-9))[where]
    return float(cosines.min()) if cosines.size else 0.0
