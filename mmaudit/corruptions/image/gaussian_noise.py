"""Gaussian noise: electronic noise of a sensor in poor light, the same everywhere in the picture.

Every value ``x`` of full scale ``F`` becomes ``floor(clip(x + F sigma z, 0, F))`` with a standard
normal ``z`` of its own. The severities of one sample share their ``z``.
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
    """Add noise to every colour value."""
    full = full_scale(clean)

    def change(image: Pixels) -> Pixels:
        drawn = words.u32(image.size)
        return add_normal(image, drawn, constant=severity.sigma * full, full=full)

    return on_colour(clean, change)


CORRUPTION = Corruption(
    apply=apply,
    severities=tuple(map(Severity, (0.08, 0.12, 0.18, 0.26, 0.38))),
    units={"sigma": "standard deviation, as a share of full scale"},
    keeps=frozenset({"shape", "dtype", "range"}),
    dose=SSIM,
    source="Hendrycks & Dietterich 2019, arXiv:1903.12261; constants of ImageNet-C",
)
