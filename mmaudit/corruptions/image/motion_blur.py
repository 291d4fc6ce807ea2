"""Motion blur: the camera moved while the shutter was open.

The picture is the sum of itself shifted by whole pixels along a line, with weights that fall off as
half of a Gaussian. The direction is uniform in ±45° and the same at every severity of one sample.
"""

from typing import NamedTuple

from mmaudit.arrays import Pixels
from mmaudit.corruptions.base import Corruption
from mmaudit.corruptions.image._kernels.channels import GUARD, on_colour
from mmaudit.corruptions.image._kernels.lines import drag, taps
from mmaudit.doses.image import SSIM
from mmaudit.doses.pixels import full_scale
from mmaudit.seeds import Words


class Severity(NamedTuple):
    """How far the camera moved."""

    radius: int
    sigma: float


def blurred(clean: Pixels, severity: Severity, angle: float) -> Pixels:
    """Blur along one direction, in degrees from the horizontal."""
    full = full_scale(clean)
    line = taps(severity.radius, severity.sigma, angle)
    return on_colour(clean, lambda image: drag(image, line, full * GUARD, full))


def apply(clean: Pixels, severity: Severity, words: Words) -> Pixels:
    """Blur along a random direction."""
    return blurred(clean, severity, 90 * float(words.uniforms(1)[0]) - 45)


CORRUPTION = Corruption(
    apply=apply,
    severities=(
        Severity(10, 3),
        Severity(15, 5),
        Severity(15, 8),
        Severity(15, 12),
        Severity(20, 15),
    ),
    units={"radius": "pixels", "sigma": "pixels"},
    keeps=frozenset({"shape", "dtype", "range"}),
    dose=SSIM,
    source="Hendrycks & Dietterich 2019, arXiv:1903.12261; constants of ImageNet-C and the kernel "
    "of imagecorruptions c959e65, which darkens a picture smaller than the line: here the border "
    "goes on outside",
    pixels=frozenset({"radius", "sigma"}),
)
