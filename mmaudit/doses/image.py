"""Doses of pictures: how similar a corrupted picture still is to the clean one.

References:
    Wang et al. 2004, "Image quality assessment: from error visibility to structural similarity",
    doi:10.1109/TIP.2003.819861
"""

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from mmaudit.arrays import Pixels
from mmaudit.doses.base import Dose
from mmaudit.doses.pixels import LUMA, full_scale
from mmaudit.kernels import kernel

SIGMA, RADIUS = 1.5, 5  # the window of Wang et al.: 11 taps
K1, K2 = 0.01, 0.03
MOST_DB = 100.0  # of a picture that did not change, for which the ratio is infinite


def _window() -> NDArray[np.float32]:
    weights = np.exp(-(np.arange(-RADIUS, RADIUS + 1) ** 2) / (2 * SIGMA**2))
    return (weights / weights.sum()).astype(np.float32)


WINDOW = _window()


def luma(image: Pixels) -> NDArray[np.float32]:
    """Luma of Rec. 601 in the scale 0 … 255, ``(h, w)``; alpha is not looked at."""
    scale = 255 / full_scale(image)
    if image.shape[2] < 3:
        return image[:, :, 0].astype(np.float32) * np.float32(scale)
    row = np.zeros((1, image.shape[2]), np.float32)
    row[0, :3] = np.array(LUMA) * scale
    return cv2.transform(np.ascontiguousarray(image).astype(np.float32), row)


def ssim(clean: Pixels, corrupted: Pixels) -> float:
    """Structural similarity of the luma in [-1, 1]; 1 is no damage.

    The mean is over the pixels whose window lies inside the picture, as in the paper; in a picture
    smaller than the window it is over all of them, with mirrored borders.
    """
    return float(_ssim(_mirrored(luma(clean)), _mirrored(luma(corrupted)), WINDOW))


def psnr_db(clean: Pixels, corrupted: Pixels) -> float:
    """Peak signal-to-noise ratio of the colours in decibels, at most 100; higher is less damage.

    Example:
        >>> grey = np.full((8, 8, 3), 100, np.uint8)
        >>> round(psnr_db(grey, grey + np.uint8(10)), 2)
        28.13
    """
    colours = clean.shape[2] - (clean.shape[2] % 2 == 0)
    a, b = clean[:, :, :colours], corrupted[:, :, :colours]
    error = float(_squares(np.ascontiguousarray(a).ravel(), np.ascontiguousarray(b).ravel()))
    if not error:
        return MOST_DB
    return min(MOST_DB, 10 * math.log10(full_scale(clean) ** 2 * a.size / error))


def _mirrored(plane: NDArray[np.float32]) -> NDArray[np.float32]:
    down, right = (0 if side > 2 * RADIUS else RADIUS for side in plane.shape)
    if not down and not right:
        return plane
    return cv2.copyMakeBorder(plane, down, down, right, right, cv2.BORDER_REFLECT)


@kernel
def _squares(a, b):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    total = np.int64(0)
    for i in range(a.size):
        d = np.int64(a[i]) - np.int64(b[i])
        total += d * d
    return total


@kernel
def _moments(a, b, y, window, sums):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    """Weighted sums down the columns of both pictures, their squares and their product."""
    reach = window.size // 2
    k, p, q = window[reach], a[y + reach], b[y + reach]
    aa, bb, pp, qq, pq = sums[0], sums[1], sums[2], sums[3], sums[4]
    for i in range(p.size):
        u, v = k * p[i], k * q[i]
        aa[i], bb[i], pp[i], qq[i], pq[i] = u, v, u * p[i], v * q[i], u * q[i]
    for t in range(reach):  # the window is symmetric
        k, p, q = window[t], a[y + t], b[y + t]
        r, s = a[y + window.size - 1 - t], b[y + window.size - 1 - t]
        for i in range(p.size):
            aa[i] += k * (p[i] + r[i])
            bb[i] += k * (q[i] + s[i])
            pp[i] += k * (p[i] * p[i] + r[i] * r[i])
            qq[i] += k * (q[i] * q[i] + s[i] * s[i])
            pq[i] += k * (p[i] * q[i] + r[i] * s[i])


@kernel
def _across(row, window, to):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    last, n = window.size - 1, to.size
    k, centre = window[last // 2], row[last // 2 : last // 2 + n]
    for i in range(n):
        to[i] = k * centre[i]
    for t in range(last // 2):
        k, left, right = window[t], row[t : t + n], row[last - t : last - t + n]
        for i in range(n):
            to[i] += k * (left[i] + right[i])


@kernel(error_model="numpy")
def _ssim(a, b, window):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    height, width = a.shape[0] - window.size + 1, a.shape[1] - window.size + 1
    sums, means = np.empty((5, a.shape[1]), np.float32), np.empty((5, width), np.float32)
    c1, c2 = np.float32((K1 * 255) ** 2), np.float32((K2 * 255) ** 2)
    two, total = np.float32(2), np.zeros(width)
    aa, bb, xx, yy, xy = means[0], means[1], means[2], means[3], means[4]
    for y in range(height):
        _moments(a, b, y, window, sums)
        for m in range(5):
            _across(sums[m], window, means[m])
        for i in range(width):
            pp, qq, pq = aa[i] * aa[i], bb[i] * bb[i], aa[i] * bb[i]
            top = (two * pq + c1) * (two * (xy[i] - pq) + c2)
            low = (pp + qq + c1) * (xx[i] - pp + yy[i] - qq + c2)
            total[i] += top / low
    return total.sum() / (height * width)


SSIM = Dose(name="ssim", unit="1", rises=False, measure=ssim)
PSNR = Dose(name="psnr_db", unit="dB", rises=False, measure=psnr_db)
