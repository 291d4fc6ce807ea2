"""Levels: what becomes of each value of a picture, looked up, and light drawn anew."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from mmaudit.corruptions.image._kernels.normals import normals
from mmaudit.kernels import kernel

FINE = 65535  # steps of light between nothing and white
_ZERO, _ONE = np.float32(0), np.float32(1)


def curve(
    image: NDArray[np.uint8], full: int, law: Callable[[NDArray[np.float64]], NDArray[np.float64]]
) -> NDArray[np.uint8]:
    """Apply a law of shares of full scale to every value, rounded to the nearest."""
    shares = np.arange(full + 1) / full
    table = np.rint(np.clip(law(shares), 0, 1) * full).astype(image.dtype)
    return np.take(table, image)


@kernel
def _relight(clean, noise, mean, sd, values, out):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    most = np.float32(values.size - 1)
    for i in range(clean.size):
        x = clean[i]
        light = min(max(mean[x] + sd[x] * noise[i], _ZERO), _ONE)
        out[i] = values[np.int64(light * most)]


def relight(
    image: NDArray[np.uint8],
    words: NDArray[np.uint32],
    *,
    full: int,
    gamma: float,
    exposure: float,
    photons: float,
    read: float,
) -> NDArray[np.uint8]:
    """Take the picture again with less light: photon noise and read noise, in linear light.

    Args:
        image: Contiguous values in [0, full], uint8 or uint16.
        words: As many random words.
        full: Largest value.
        gamma: Exponent from values to light.
        exposure: Share of the light that is left.
        photons: Photons at white in full light.
        read: Standard deviation of the read noise, in photons.
    """
    mean = (np.arange(full + 1) / full) ** gamma * exposure
    sd = np.sqrt(mean * photons + read**2) / photons
    values = np.floor((np.arange(FINE + 1) / FINE) ** (1 / gamma) * full + 0.5)
    out = np.empty_like(image)
    tables = mean.astype(np.float32), sd.astype(np.float32), values.astype(image.dtype)
    _relight(image.ravel(), normals(words), *tables, out.ravel())
    return out
