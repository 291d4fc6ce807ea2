"""Gaussian noise at an SNR: the noise has a given power relative to the vector itself."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mmaudit.corruptions.arithmetic import computed
from mmaudit.corruptions.base import Corruption
from mmaudit.doses.vector import SNR_DB
from mmaudit.seeds import Words


class Severity(NamedTuple):
    """How loud the vector is above the noise."""

    snr_db: float


def add_noise(
    clean: NDArray[np.floating], severity: Severity, words: Words
) -> NDArray[np.floating]:
    """Add normal noise whose realised power is exactly the asked one, ``(d,)``.

    A vector of zeros has no power and is left as it is.
    """
    noise = words.normals(clean.size)

    def mix(x: NDArray[np.float64]) -> NDArray[np.float64]:
        largest = float(np.abs(x).max(initial=0.0)) or 1.0  # so that squares stay finite
        power = float(np.sum((x / largest) ** 2) / max(float(np.sum(noise**2)), 1e-300))
        return x + largest * np.sqrt(power * 10 ** (-severity.snr_db / 10)) * noise

    return computed(clean, mix)


CORRUPTION = Corruption(
    apply=add_noise,
    severities=tuple(Severity(s) for s in (20.0, 15.0, 10.0, 5.0, 0.0)),
    units={"snr_db": "dB"},
    keeps=frozenset({"shape", "dtype"}),
    dose=SNR_DB,
    source="mixing at a signal-to-noise ratio as for speech, y = x + g n with "
    "g = sqrt(P_x / (P_n 10^(SNR/10))); the realised noise power is used, so the SNR is exact",
)
