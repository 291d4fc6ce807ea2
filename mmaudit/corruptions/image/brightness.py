"""Brightness: the picture is overexposed, and bright parts lose their detail.

V of HSV rises by a constant and is clipped, which multiplies every channel by V'/V.
"""

from typing import NamedTuple

from mmaudit.arrays import Pixels
from mmaudit.corruptions.base import Corruption
from mmaudit.corruptions.image._kernels.channels import GUARD, on_colour
from mmaudit.corruptions.image._kernels.colours import brighten
from mmaudit.doses.image import PSNR
from mmaudit.doses.pixels import full_scale
from mmaudit.seeds import Words


class Severity(NamedTuple):
    """How much brighter."""

    shift: float


def apply(clean: Pixels, severity: Severity, words: Words) -> Pixels:
    """Brighten; there is nothing random in it."""
    del words
    full = full_scale(clean)
    return on_colour(
        clean, lambda image: brighten(image, severity.shift * full, full * GUARD, full)
    )


CORRUPTION = Corruption(
    apply=apply,
    severities=tuple(map(Severity, (0.1, 0.2, 0.3, 0.4, 0.5))),
    units={"shift": "share of full scale added to V of HSV"},
    keeps=frozenset({"shape", "dtype", "range"}),
    dose=PSNR,
    source="Hendrycks & Dietterich 2019, arXiv:1903.12261; constants of ImageNet-C",
)
