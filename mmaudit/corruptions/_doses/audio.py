"""Doses of audio: how loud the damage is against the clean clip."""

import numpy as np
from numpy.typing import NDArray

from mmaudit.corruptions.base import Dose

MOST_DB = 120.0


def snr_db(clean: NDArray[np.floating], corrupted: NDArray[np.floating]) -> float:
    """Mean power of the clean clip over mean power of what was added to it, in dB.

    What was added is the difference, over all samples and channels that are finite in the clean
    clip. Limited to [-120, 120] dB: 120 where nothing changed, -120 where silence did.

    Args:
        clean: Clean clip, ``(time, channel)``.
        corrupted: The corrupted clip, of the same shape.
    """
    good = np.isfinite(clean)
    signal = clean[good].astype(np.float64)
    noise = corrupted[good].astype(np.float64) - signal
    loud, loud_noise = np.abs(signal).max(initial=0.0), np.abs(noise).max(initial=0.0)
    if loud_noise == 0.0:
        return MOST_DB
    if loud == 0.0:
        return -MOST_DB
    # scaled by their peaks, no square overflows or vanishes
    ratio = np.mean(np.square(signal / loud)) / np.mean(np.square(noise / loud_noise))
    value = 10.0 * np.log10(ratio) + 20.0 * (np.log10(loud) - np.log10(loud_noise))
    return float(np.clip(value, -MOST_DB, MOST_DB))


SNR_DB = Dose(name="snr_db", unit="dB", rises=False, measure=snr_db)
