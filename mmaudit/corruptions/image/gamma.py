"""Gamma: a wrong tone curve, which makes the middle tones too dark.

Every value `x` of full scale `F` becomes `F (x / F) ** exponent`; black and white stay.
"""

from typing import NamedTuple

from mmaudit.arrays import Pixels
from mmaudit.corruptions.base import Corruption
from mmaudit.corruptions.image._kernels.channels import on_colour
from mmaudit.corruptions.image._kernels.levels import curve
from mmaudit.doses.image import PSNR
from mmaudit.doses.pixels import full_scale
from mmaudit.seeds import Words


class Severity(NamedTuple):
    """How wrong the curve is."""

    exponent: float


def apply(clean: Pixels, severity: Severity, words: Words) -> Pixels:
    """Bend the tone curve; there is nothing random in it."""
    del words
    full = full_scale(clean)
    return on_colour(
        clean, lambda image: curve(image, full, lambda share: share**severity.exponent)
    )


CORRUPTION = Corruption(
    apply=apply,
    severities=tuple(map(Severity, (1.4, 1.8, 2.4, 3.2, 4.2))),
    units={"exponent": "1 is no change"},
    keeps=frozenset({"shape", "dtype", "range"}),
    dose=PSNR,
    source="Poynton, Digital Video and HD, 27; grid of our own, from a display gamma left out "
    "once (1.8 to 2.4) to twice",
)
