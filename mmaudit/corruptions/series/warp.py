"""Warp: time runs faster here and slower there, as from a sampling clock that is not steady."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mmaudit.corruptions.arithmetic import computed
from mmaudit.corruptions.base import Corruption
from mmaudit.doses.vector import SNR_DB
from mmaudit.seeds import Words


class Severity(NamedTuple):
    """How far time is displaced."""

    share: float  # largest displacement, as a share of the length; at most 1 / (2 pi)


def warp_time(
    clean: NDArray[np.floating], severity: Severity, words: Words
) -> NDArray[np.floating]:
    """Read the series at displaced times, interpolated; both ends stay, ``(time, channel)``.

    The displacement is a mixture of the first two sines of the length. Its slope stays below 1,
    so time never runs backwards.
    """
    time = clean.shape[0]
    if time < 2:
        return clean.copy()
    now = np.arange(time) / (time - 1)
    first, second = 2.0 * words.uniforms(2) - 1.0
    wave = first * np.sin(np.pi * now) + second * np.sin(2.0 * np.pi * now)
    size = max(abs(first) + abs(second), 1e-9)
    source = (time - 1) * (now + severity.share * wave / size)

    def displaced(x: NDArray[np.float64]) -> NDArray[np.float64]:
        columns = [np.interp(source, np.arange(time), x[:, c]) for c in range(x.shape[1])]
        return np.stack(columns, axis=1) if columns else x

    return computed(clean, displaced)


CORRUPTION = Corruption(
    apply=warp_time,
    severities=tuple(Severity(s) for s in (0.01, 0.02, 0.05, 0.1, 0.15)),
    units={"share": "share of the length, the largest displacement"},
    keeps=frozenset({"shape", "dtype", "length"}),
    dose=SNR_DB,
    nested=False,
    source="time warping by smooth displacement (Um et al. 2017, arXiv:1706.00527); there a "
    "random spline of speed, here two sines with a bound. Damage depends on what is met, so "
    "its order holds on average, not for each sample",
)
