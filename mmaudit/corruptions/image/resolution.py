"""Resolution: a small picture enlarged smoothly, as a thumbnail is.

The mean of boxes, and back by linear interpolation.
"""

from typing import NamedTuple

from mmaudit.corruptions.base import Corruption
from mmaudit.corruptions.image._kernels.boxes import smaller, smooth
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
    return on_colour(clean, lambda image: smooth(smaller(image, severity.scale), *size))


CORRUPTION = Corruption(
    apply=apply,
    severities=tuple(map(Severity, (0.5, 0.35, 0.25, 0.18, 0.12))),
    units={"scale": "share of each side"},
    keeps=frozenset({"shape", "dtype", "range"}),
    dose=SSIM,
    source="Downscale of albumentations 2.0.8 (0.25); grid of our own",
)
