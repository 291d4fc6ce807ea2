"""Speckle noise: noise in proportion to the light, as of radar and ultrasound.

Every value `x` of full scale `F` becomes `floor(clip(x + x sigma z, 0, F))` with a standard normal
`z` of its own. The severities of one sample share their `z`.
"""

from typing import NamedTuple

from mmaudit.arrays import Pixels
from mmaudit.corruptions.base import Corruption
from mmaudit.corruptions.image._kernels.channels import on_colour
from mmaudit.corruptions.image._kernels.normals import add_normal
from mmaudit.doses.image import SSIM
from mmaudit.doses.pixels import full_scale
from mmaudit.seeds import Words


class Severity(NamedTuple):
    """How much noise."""

    sigma: float


def apply(clean: Pixels, severity: Severity, words: Words) -> Pixels:
    """Add noise to every colour value in proportion to it."""
    full = full_scale(clean)
    return on_colour(
        clean,
        lambda image: add_normal(image, words.u32(image.size), share=severity.sigma, full=full),
    )


CORRUPTION = Corruption(
    apply=apply,
    severities=tuple(map(Severity, (0.15, 0.2, 0.35, 0.45, 0.6))),
    units={"sigma": "standard deviation, as a share of the value"},
    keeps=frozenset({"shape", "dtype", "range"}),
    dose=SSIM,
    source="Hendrycks & Dietterich 2019, arXiv:1903.12261; constants of ImageNet-C",
)
