"""Doses of audio: how loud the damage is against the clean clip, and how much its sound changed."""

import numpy as np
from numpy.typing import NDArray
from scipy import fft

from mmaudit.doses.base import Dose

MOST_DB = 120.0
FRAME, BANDS, WIDTH = 512, 32, 0.35  # samples; bands from 1/256 to 1/2 of the rate; octaves
FLOOR_DB = 50.0


def snr_db(clean: NDArray[np.floating], corrupted: NDArray[np.floating]) -> float:
    """Mean power of the clean clip over mean power of what was added to it, in dB.

    What was added is the difference, over all samples and channels that are finite in the clean
    clip. Limited to [-120, 120] dB: 120 where nothing changed, -120 where silence did.

    Args:
        clean: Clean clip, ``(time, channel)``.
        corrupted: The corrupted clip, of the same shape.

    Example:
        >>> clean = np.ones((100, 1), np.float32)
        >>> round(snr_db(clean, clean * np.float32(1.1)), 3)
        20.0
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


def spectral_distance_db(clean: NDArray[np.floating], corrupted: NDArray[np.floating]) -> float:
    """Mean absolute difference in dB of the power in bands over time; 0 for equal sound.

    The measure for what moves sound in pitch or time, where the waveforms share nothing after the
    first milliseconds and an SNR says so at every severity. Frames of 512 samples, half
    overlapped; 32 bands evenly spaced in log frequency, Gaussian with a standard deviation of
    0.35 octaves; power is floored 50 dB below the clean clip's loudest band, so that inaudible
    parts do not count.

    Args:
        clean: Clean clip, ``(time, channel)``; values that are not finite count as silence.
        corrupted: The corrupted clip, of the same shape.
    """
    if not clean.size:
        return 0.0
    bands, other = _bands(clean), _bands(corrupted)
    loudest = float(bands.max()) or float(other.max())
    if loudest == 0.0:
        return 0.0
    floor = loudest * 10.0 ** (-FLOOR_DB / 10.0)
    ratio = np.log10(np.maximum(bands, floor)) - np.log10(np.maximum(other, floor))
    return float(10.0 * np.abs(ratio).mean())


SNR_DB = Dose(name="snr_db", unit="dB", rises=False, measure=snr_db)
SPECTRAL_DISTANCE = Dose(
    name="spectral_distance_db", unit="dB", rises=True, measure=spectral_distance_db
)


def _bands(audio: NDArray[np.floating]) -> NDArray[np.float64]:
    """Power in bands, ``(channel, frame, band)``."""
    wide = audio.reshape(audio.shape[0], -1)
    signal = np.where(np.isfinite(wide), wide, 0.0).astype(np.float64).T
    padded = np.pad(signal, ((0, 0), (FRAME // 2, FRAME)))
    frames = np.lib.stride_tricks.sliding_window_view(padded, FRAME, axis=1)[:, :: FRAME // 2]
    power = np.square(np.abs(fft.rfft(frames * np.hanning(FRAME), axis=2)))[..., 1:]
    octave = np.log2(np.arange(1, FRAME // 2 + 1) / FRAME)
    centres = np.linspace(-8.0, -1.0, BANDS)
    weights = np.exp(-0.5 * np.square((octave[:, None] - centres) / WIDTH))
    return power @ weights
