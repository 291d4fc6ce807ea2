"""Pixelate: a small picture enlarged without smoothing.

The mean of boxes, as Pillow computes it, and back by repeating pixels.
"""

from typing import NamedTuple

from mmaudit.corruptions.base import Corruption
from mmaudit.corruptions.image._kernels.boxes import blocks, smaller
from mmaudit.corruptions.image._kernels.channels import on_colour
from mmaudit.doses.image import SSIM
from mmaudit.doses.pixels import Pixels
from mmaudit.seeds import Words


class Severity(NamedTuple):
    """How small it was."""

    scale: float


def apply(clean: Pixels, severity: Severity, words: Words) -> Pixels:
    """Make small and large again; there is nothing random in it."""
    del words
    size = clean.shape[:2]
    return on_colour(clean, lambda image: blocks(smaller(image, severity.scale), *size))


CORRUPTION = Corruption(
    apply=apply,
    severities=tuple(map(Severity, (0.6, 0.5, 0.4, 0.3, 0.25))),
    units={"scale": "share of each side"},
    keeps=frozenset({"shape", "dtype", "range"}),
    dose=SSIM,
    source="Hendrycks & Dietterich 2019, arXiv:1903.12261; constants of ImageNet-C, with NEAREST "
    "upwards as in imagecorruptions c959e65",
)
