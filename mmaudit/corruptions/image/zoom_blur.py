"""Zoom blur: the lens zoomed, or the camera moved forward, while the shutter was open.

The mean of the picture and of its centre enlarged by a range of factors.
"""

from typing import NamedTuple

import numpy as np

from mmaudit.arrays import Pixels
from mmaudit.corruptions.base import Corruption
from mmaudit.corruptions.image._kernels.channels import GUARD, on_colour
from mmaudit.corruptions.image._kernels.zooms import mean
from mmaudit.doses.image import SSIM
from mmaudit.doses.pixels import full_scale
from mmaudit.seeds import Words


class Severity(NamedTuple):
    """How far it zoomed."""

    largest: float
    step: float


def apply(clean: Pixels, severity: Severity, words: Words) -> Pixels:
    """Zoom; there is nothing random in it."""
    del words
    full = full_scale(clean)
    # the reference's range leaves its end out, but for rounding
    zooms = tuple(np.arange(1, severity.largest, severity.step).tolist())
    return on_colour(clean, lambda image: mean(image, zooms, full * GUARD, full))


CORRUPTION = Corruption(
    apply=apply,
    severities=(
        Severity(1.11, 0.01),
        Severity(1.16, 0.01),
        Severity(1.21, 0.02),
        Severity(1.26, 0.02),
        Severity(1.31, 0.03),
    ),
    units={"largest": "factor, not reached", "step": "factor"},
    keeps=frozenset({"shape", "dtype", "range"}),
    dose=SSIM,
    source="Hendrycks & Dietterich 2019, arXiv:1903.12261; constants of ImageNet-C",
)
