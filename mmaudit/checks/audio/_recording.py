"""Recording: what the checks of a sound look at, each worked out once, where it is needed."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from mmaudit.arrays import Bools, Floats, Ints, Sound

WINDOW = 0.032  # s of a frame of the spectrum
FRAMES = 2_000  # of the spectrum at most, evenly over a long sound
FEWEST = 8  # frames that say something of how a sound varies
LEVEL = 0.02  # s of a frame of the level
SILENT = 1e-4  # of full scale: what is below all along is no sound


@dataclass(frozen=True)
class Recording:
    """A sound, and what several checks need of it.

    Attributes:
        channels: ``(time, channel)``, finite, full scale is 1.
        rate: Samples a second; 0 where it is not known.
    """

    channels: Floats
    rate: float

    @cached_property
    def loudest(self) -> Floats:
        """The channel with the most energy, ``(time,)``."""
        energies = np.square(self.channels).sum(0)
        return np.ascontiguousarray(self.channels[:, int(np.argmax(energies))])

    @property
    def empty(self) -> bool:
        """Whether there is nothing in it."""
        return not self.channels.size

    @cached_property
    def peak(self) -> float:
        """Largest magnitude of the loudest channel; 0 of an empty sound."""
        return 0.0 if self.empty else float(np.abs(self.loudest).max())

    @cached_property
    def levels(self) -> Floats:
        """Mean square of each 20 ms of the loudest channel, ``(frame,)``."""
        length = max(round(LEVEL * self.rate), 1)
        whole = len(self.loudest) // length * length
        return np.square(self.loudest[:whole]).reshape(-1, length).mean(1)

    @cached_property
    def powers(self) -> Floats:
        """Power in frames of 32 ms at half steps, Hann window, ``(frame, bin)``; the mean is out.

        No frame where the sound is shorter, or its rate is not known.
        """
        length = 1 << max(round(WINDOW * self.rate) - 1, 31).bit_length()
        last = len(self.loudest) - length
        if self.rate <= 0 or last < 0:
            return np.zeros((0, length // 2 + 1))
        count = min(2 * last // length + 1, FRAMES)
        starts = np.linspace(0, last, count).astype(np.int64)
        frames = np.lib.stride_tricks.sliding_window_view(self.loudest, length)[starts]
        centred = (frames - self.loudest.mean()) * np.hanning(length)
        return np.square(np.abs(np.fft.rfft(centred, axis=1)))

    @property
    def tells(self) -> bool:
        """Whether it is long enough, and loud enough, for its spectrum to say something."""
        return self.peak >= SILENT and len(self.powers) >= FEWEST

    @cached_property
    def frequencies(self) -> Floats:
        """Of the bins of `powers`, in Hz."""
        return np.linspace(0, self.rate / 2, self.powers.shape[1])


def recording(sound: Sound, rate: float) -> Recording:
    """What there is to see of a sound ``(time, channel)``; what is not finite counts as 0."""
    return Recording(np.nan_to_num(sound.astype(np.float64), posinf=0.0, neginf=0.0), rate)


def runs(which: Bools) -> Ints:
    """Lengths of the runs of what is true, ``(run,)``."""
    edges = np.diff(np.concatenate([[0], which.astype(np.int8), [0]]))
    return np.flatnonzero(edges == -1) - np.flatnonzero(edges == 1)
