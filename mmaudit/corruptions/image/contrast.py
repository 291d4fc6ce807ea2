"""Contrast: flat light, in which every colour is near the mean.

Every channel `x` becomes `gain (x - mean) + mean` with the mean of that channel over the picture.
"""

from typing import NamedTuple

from mmaudit.arrays import Pixels
from mmaudit.corruptions.base import Corruption
from mmaudit.corruptions.image._kernels.channels import GUARD, on_colour
from mmaudit.corruptions.image._kernels.colours import flatten
from mmaudit.doses.image import PSNR
from mmaudit.doses.pixels import full_scale
from mmaudit.seeds import Words


class Severity(NamedTuple):
    """How little contrast is left."""

    gain: float


def apply(clean: Pixels, severity: Severity, words: Words) -> Pixels:
    """Take contrast away; there is nothing random in it."""
    del words
    full = full_scale(clean)
    return on_colour(clean, lambda image: flatten(image, severity.gain, full * GUARD, full))


CORRUPTION = Corruption(
    apply=apply,
    severities=tuple(map(Severity, (0.4, 0.3, 0.2, 0.1, 0.05))),
    units={"gain": "factor"},
    keeps=frozenset({"shape", "dtype", "range"}),
    dose=PSNR,
    source="Hendrycks & Dietterich 2019, arXiv:1903.12261; constants of ImageNet-C",
)
