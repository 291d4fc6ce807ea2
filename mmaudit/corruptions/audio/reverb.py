"""Reverb: the echoes of a room, a tail of noise that dies away."""

from dataclasses import replace
from typing import NamedTuple

import numpy as np
from scipy import fft

from mmaudit.arrays import Signal, Sound
from mmaudit.corruptions.audio._sound.finite import KEEPS, finite
from mmaudit.corruptions.base import AnyCorruption, Corruption, UserFolder
from mmaudit.doses.audio import SNR_DB
from mmaudit.seeds import Words

LONGEST_S = 1.0


class Severity(NamedTuple):
    """How the room sounds."""

    rt60_s: float
    drr_db: float


def room(channels: int, severity: Severity, rate: float, words: Words) -> Signal:
    """Impulse response of a room without the direct sound, ``(time, channel)``.

    Normal noise under ``exp(-3 ln(10) t / rt60)``, which is 60 dB down after ``rt60``; its energy
    is that of the direct sound divided by the direct-to-reverberant ratio.
    """
    time = np.arange(1, max(2, round(rate * severity.rt60_s)) + 1) / rate
    most = max(2, round(rate * LONGEST_S))  # drawn for the longest, so that severities share it
    draws = [words.normals(most, stream)[: time.size] for stream in range(channels)]
    tail = np.stack(draws, axis=1) * np.exp(-3.0 * np.log(10.0) / severity.rt60_s * time)[:, None]
    tail *= 10.0 ** (-severity.drr_db / 20.0) / np.sqrt(np.square(tail).sum(axis=0))
    return np.concatenate([np.zeros((1, channels)), tail])


def resound(clean: Sound, severity: Severity, words: Words, rate: float) -> Sound:
    """Add the clip convolved with decaying noise, its own in each channel."""

    def echo(x: Signal) -> Signal:
        tail = room(x.shape[1], severity, rate, words)[: x.shape[0]]
        size = fft.next_fast_len(x.shape[0] + tail.shape[0], real=True)
        spectrum = fft.rfft(x, size, axis=0) * fft.rfft(tail, size, axis=0)
        return x + fft.irfft(spectrum, size, axis=0)[: x.shape[0]]

    return finite(clean, echo)


def recorded_rooms(drawn: AnyCorruption, rooms: tuple[Sound, ...]) -> AnyCorruption:
    """Reverb by recorded impulse responses, at the direct-to-reverberant ratios of the drawn one.

    The recording's largest value is the direct sound; what comes after it is scaled to the ratio
    of the severity. How long the echo lasts is as recorded.
    """
    del rooms  # each clip gets one of them as its donor
    return replace(drawn, apply=resound_in, needs=("donors",), donors=1)


def resound_in(clean: Sound, severity: Severity, words: Words, donors: tuple[Sound, ...]) -> Sound:
    """Add the clip convolved with the tail of a recorded impulse response."""
    del words  # which room it is was decided with the donors
    response = donors[0].astype(np.float64).mean(axis=1)
    tail = response[int(np.abs(response).argmax()) + 1 :]
    energy = float(np.sqrt(np.square(tail).sum()))
    if not clean.size or energy == 0:
        return clean.copy()
    tail = np.r_[0.0, tail * 10.0 ** (-severity.drr_db / 20.0) / energy]
    finite_part = np.where(np.isfinite(clean), clean, 0.0).astype(np.float64)
    size = 1 << (len(clean) + tail.size).bit_length()
    spectrum = np.fft.rfft(finite_part, size, axis=0) * np.fft.rfft(tail, size)[:, None]
    echo = np.fft.irfft(spectrum, size, axis=0)[: len(clean)]
    return (clean + echo).astype(clean.dtype)


CORRUPTION: Corruption[Sound, Severity] = Corruption(
    apply=resound,
    severities=(
        Severity(0.2, 6.0),
        Severity(0.4, 3.0),
        Severity(0.6, 1.2),
        Severity(0.8, 0.0),
        Severity(1.0, -1.0),
    ),
    units={
        "rt60_s": "s until the echo is 60 dB down",
        "drr_db": "dB, energy of the direct sound over energy of the echo",
    },
    keeps=KEEPS,
    dose=SNR_DB,
    source="Polack 1988, exponentially decaying noise; RT60 0.2 ... 1 s. In a diffuse field the"
    " energy of the tail grows as RT60 (Kuttruff, Room Acoustics), so the direct-to-"
    " reverberant ratio falls from 6 to -1 dB. The direct sound stays as loud as it was, so"
    " the clip becomes louder. Recorded impulse responses are not bundled.",
    needs=("rate",),
    folder=UserFolder(
        option="rir_dir", kind="audio", holds="impulse responses of rooms", use=recorded_rooms
    ),
)
