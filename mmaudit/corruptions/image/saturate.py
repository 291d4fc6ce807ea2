"""Saturate: colours too pale or too strong, as of a wrong colour profile.

S of HSV becomes `gain S + shift`, clipped. Grey has hue 0, so that a positive shift makes it red,
as in the reference. A picture of one channel has no colour and stays what it is.
"""

from typing import NamedTuple

from mmaudit.arrays import Pixels
from mmaudit.corruptions.base import Corruption
from mmaudit.corruptions.image._kernels.channels import GUARD, on_colour
from mmaudit.corruptions.image._kernels.colours import saturate
from mmaudit.doses.image import PSNR
from mmaudit.doses.pixels import full_scale
from mmaudit.seeds import Words


class Severity(NamedTuple):
    """What becomes of the saturation."""

    gain: float
    shift: float


def apply(clean: Pixels, severity: Severity, words: Words) -> Pixels:
    """Change the saturation; there is nothing random in it."""
    del words
    guard = full_scale(clean) * GUARD

    def change(image: Pixels) -> Pixels:
        if image.shape[2] == 1:
            return image.copy()
        return saturate(image, severity.gain, severity.shift, guard)

    return on_colour(clean, change)


CORRUPTION = Corruption(
    apply=apply,
    severities=(
        Severity(0.3, 0.0),
        Severity(0.1, 0.0),
        Severity(2.0, 0.0),
        Severity(5.0, 0.1),
        Severity(20.0, 0.2),
    ),
    units={"gain": "factor of S", "shift": "added to S, which is in [0, 1]"},
    keeps=frozenset({"shape", "dtype", "range"}),
    dose=PSNR,
    source="Hendrycks & Dietterich 2019, arXiv:1903.12261; constants of ImageNet-C; the "
    "reference's severities are not ordered: 1 and 2 make paler, 3 to 5 stronger",
    nested=False,
)
