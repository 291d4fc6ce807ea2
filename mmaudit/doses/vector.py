"""Doses of vectors and series: how many entries changed, by how much, and at what SNR."""

import math

import numpy as np
from numpy.typing import NDArray

from mmaudit.doses.base import Dose

MOST_DB = 120.0  # what an unchanged sample is said to have; float32 resolves about 140 dB


def changed(clean: NDArray[np.floating], corrupted: NDArray[np.floating]) -> float:
    """Share of entries that are not the same any more; NaN equals NaN.

    Example:
        >>> changed(np.array([1.0, 2.0, 3.0, 4.0]), np.array([1.0, 0.0, 3.0, 4.0]))
        0.25
    """
    same = (clean == corrupted) | (np.isnan(clean) & np.isnan(corrupted))
    return 1.0 - float(same.mean()) if same.size else 0.0


def rms(
    clean: NDArray[np.floating],
    corrupted: NDArray[np.floating],
    sd: NDArray[np.float64] | None = None,
) -> float:
    """Root mean square of the change, each dimension in units of its ``sd`` where one is given.

    Dimensions without spread (sd 0 or unknown) and entries that are not finite are left out.
    """
    change = _difference(clean, corrupted)
    if sd is not None:
        scale = np.broadcast_to(sd, change.shape)
        usable = np.isfinite(scale) & (scale > 0)
        change = change[usable] / scale[usable]
    change = np.abs(change[np.isfinite(change)])
    largest = float(change.max(initial=0.0))
    if largest == 0:
        return 0.0
    return float(largest * np.sqrt(np.mean((change / largest) ** 2)))


def snr(clean: NDArray[np.floating], corrupted: NDArray[np.floating]) -> float:
    """Power of the clean values over the power of the change, in dB, within ±120 dB."""
    change = _difference(clean, corrupted)
    usable = np.isfinite(change)
    noise, signal = _power_db(change[usable]), _power_db(clean[usable].astype(np.float64))
    if noise == -math.inf:
        return MOST_DB
    return min(max(signal - noise, -MOST_DB), MOST_DB)


def _power_db(values: NDArray[np.float64]) -> float:
    """Sum of squares in dB, taken relative to the largest value so that it cannot overflow."""
    largest = float(np.abs(values).max(initial=0.0))
    if largest == 0:
        return -math.inf
    return 20 * math.log10(largest) + 10 * math.log10(float(np.sum((values / largest) ** 2)))


def _difference(
    clean: NDArray[np.floating], corrupted: NDArray[np.floating]
) -> NDArray[np.float64]:
    with np.errstate(invalid="ignore", over="ignore"):  # not finite: the callers leave it out
        return corrupted.astype(np.float64) - clean.astype(np.float64)


SHARE_CHANGED = Dose(name="share_changed", unit="1", rises=True, measure=changed)
SD_UNITS = Dose(name="sd_units", unit="sd", rises=True, measure=rms, scaled=True)
SNR_DB = Dose(name="snr_db", unit="dB", rises=False, measure=snr)
