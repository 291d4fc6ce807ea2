"""Resampling: a sound at another rate, as a polyphase filter gives it."""

from fractions import Fraction

import numpy as np

from mmaudit.arrays import Sound

FINEST = 100_000  # the rates' ratio is of whole numbers up to this


def resampled(sound: Sound, rate: float, wanted: float) -> Sound:
    """A sound at another rate, ``(time, channel)``, its ends as if silence were around it.

    The filter is a Kaiser window's (beta 5), half as long as ten periods of the slower rate.

    Args:
        sound: ``(time, channel)``.
        rate: Its samples a second.
        wanted: Samples a second of the result.
    """
    from scipy import signal  # noqa: PLC0415  a part of a second to load

    ratio = Fraction(wanted / rate).limit_denominator(FINEST)
    values = signal.resample_poly(sound.astype(np.float64), ratio.numerator, ratio.denominator)
    return np.ascontiguousarray(values, np.float32)
