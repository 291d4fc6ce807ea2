"""Codecs: a clip encoded and decoded by libsndfile, in memory."""

from io import BytesIO
from typing import NamedTuple

import numpy as np
import soundfile
from numpy.typing import NDArray
from scipy import fft

from mmaudit.arrays import Signal
from mmaudit.errors import MissingError

SHORTEST = 4096  # encoders want some frames; a shorter clip is coded with silence after it


class Rate(NamedTuple):
    """How much the codec may keep."""

    kbit_s: float


UNITS = {"kbit_s": "thousand bits a second for each channel"}


def coded(
    signal: Signal,
    rate: float,
    *,
    container: str,
    codec: str,
    rates: tuple[int, ...],
    level: float,
    delay: int = 0,
    **how: str,
) -> Signal:
    """Encode and decode a clip, one channel after the other.

    A clip that is louder than full scale is turned down for the codec and up again after it.

    Args:
        signal: ``(time, channel)``.
        rate: Samples a second.
        container: libsndfile's name of the format.
        codec: libsndfile's name of the subtype.
        rates: Rates that the codec is used at, rising. The clip is brought to the first that is
            not below its own, or the last, and back.
        level: libsndfile's compression level in [0, 1); more is a smaller file.
        delay: Samples before the clip in a file that does not say how many there are.
        **how: More for ``soundfile.write``.

    Raises:
        MissingError: The installed libsndfile was built without the codec.
    """
    if codec not in soundfile.available_subtypes(container):
        raise MissingError(
            f"libsndfile {soundfile.__libsndfile_version__} cannot write {codec}",
            fix="pip install --upgrade soundfile",
        )
    inside = codec_rate(rate, rates)
    full = max(1.0, float(np.abs(signal).max()))
    n = signal.shape[0]
    columns = []
    for column in np.pad(signal / full, ((0, max(0, SHORTEST - n)), (0, 0))).T:
        file = BytesIO()
        size = max(SHORTEST, round(column.size * inside / rate))
        soundfile.write(
            file,
            _resampled(column, size),
            inside,
            format=container,
            subtype=codec,
            compression_level=level,
            **how,
        )
        file.seek(0)
        decoded = soundfile.read(file, dtype="float64")[0]
        if decoded.size > size:  # the file had no room to say where the clip begins
            decoded = decoded[delay : delay + size]
        padded = np.pad(decoded, (0, size - decoded.size))
        columns.append(_resampled(padded, column.size)[:n])
    return np.stack(columns, axis=1) * full


def codec_rate(rate: float, rates: tuple[int, ...]) -> int:
    """The first of the rising rates that is not below a clip's own, or the last."""
    return next((offered for offered in rates if offered >= rate), rates[-1])


def _resampled(column: NDArray[np.float64], size: int) -> NDArray[np.float64]:
    """The same band-limited signal at another number of points."""
    if size == column.size:
        return column
    return fft.irfft(fft.rfft(column)[: size // 2 + 1], size) * (size / column.size)
