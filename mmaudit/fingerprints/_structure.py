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


def field(planes: Sequence[Grey], smooth: float, flat: float = FAINT) -> Singles:
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
    products = ([x * x, y * y, x * y] for x, y in slopes)
    sums = (functools.reduce(np.add, some) for some in zip(*products, strict=True))
    along, across, both = (cv2.GaussianBlur(part, (0, 0), smooth) for part in sums)
    doubled = np.stack([along - across, 2 * both])
    doubled /= along + across + np.float32(flat)
    return doubled


@kernel(error_model="numpy")  # nothing is divided by 0
def layers(levels: Singles) -> tuple[Singles, float]:
    """The levels of a small picture beside their field without smoothing, in one pass.

    Args:
        levels: Whole ones, ``(side, side)``, of 0 … 255, so that their slopes are exact.

    Returns:
        Levels, cosines and sines, ``(row, 3, column)``, and the variance of the levels.
    """
    side, eighth, flat = len(levels), np.float32(1 / 8), np.float32(FAINT)
    beside = np.empty((side, 3, side), np.float32)
    smooth, steps = np.empty(side + 2, np.float32), np.empty(side + 2, np.float32)
    sums, squares = np.zeros(side, np.float32), np.zeros(side, np.float32)
    for i in range(side):  # mirrored at the borders, without the border itself
        above, row, below = levels[abs(i - 1)], levels[i], levels[i + 1 if i + 1 < side else i - 1]
        as_is, cosines, sines = beside[i, 0], beside[i, 1], beside[i, 2]
        for j in range(side):
            smooth[j + 1] = above[j] + row[j] + row[j] + below[j]
            steps[j + 1] = below[j] - above[j]
        for j in range(side):
            sums[j] += row[j]
            squares[j] += row[j] * row[j]
            as_is[j] = row[j]
        smooth[0], smooth[side + 1] = smooth[2], smooth[side - 1]
        steps[0], steps[side + 1] = steps[2], steps[side - 1]
        for j in range(side):
            x = eighth * (smooth[j + 2] - smooth[j])
            y = eighth * (steps[j] + steps[j + 1] + steps[j + 1] + steps[j + 2])
            certain = x * x + y * y + flat
            cosines[j] = (x * x - y * y) / certain
            sines[j] = (x * y + x * y) / certain
    total, square = 0.0, 0.0
    for j in range(side):
        total += sums[j]
        square += squares[j]
    mean = total / side**2
    return beside, square / side**2 - mean * mean


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
