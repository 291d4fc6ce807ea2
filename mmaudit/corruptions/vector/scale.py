"""Scale: the whole vector is too large or too small, as after a wrong gain or normalisation."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mmaudit.corruptions.arithmetic import computed
from mmaudit.corruptions.base import Corruption
from mmaudit.doses.vector import SNR_DB
from mmaudit.seeds import Words


class Severity(NamedTuple):
    """How wrong the scale is."""

    factor: float  # multiplies one half of the samples and divides the other


def rescale(clean: NDArray[np.floating], severity: Severity, words: Words) -> NDArray[np.floating]:
    """Multiply or divide every entry by the factor, ``(d,)``."""
    up = float(words.uniforms(1)[0]) < 0.5
    factor = severity.factor if up else 1 / severity.factor
    return computed(clean, lambda x: x * factor)


CORRUPTION = Corruption(
    apply=rescale,
    severities=tuple(Severity(s) for s in (1.25, 1.5, 2.0, 3.0, 5.0)),
    units={"factor": "times as large, or as small"},
    keeps=frozenset({"shape", "dtype"}),
    dose=SNR_DB,
    source="gain errors, as volume in AugLy (arXiv:2201.06494); the factors are ours",
)
