"""Gaussian blur: a soft lens, or a picture enlarged from a small one.

The window ends after four standard deviations, and the border pixels go on outside.
"""

from typing import NamedTuple

from mmaudit.arrays import Pixels
from mmaudit.corruptions.base import Corruption
from mmaudit.corruptions.image._kernels.channels import GUARD, on_colour
from mmaudit.corruptions.image._kernels.gaussian import blur
from mmaudit.doses.image import SSIM
from mmaudit.doses.pixels import full_scale
from mmaudit.seeds import Words


class Severity(NamedTuple):
    """How soft."""

    sigma: float


def apply(clean: Pixels, severity: Severity, words: Words) -> Pixels:
    """Blur; there is nothing random in it."""
    del words
    full = full_scale(clean)
    return on_colour(
        clean, lambda image: blur(image, severity.sigma, guard=full * GUARD, full=full)
    )


CORRUPTION = Corruption(
    apply=apply,
    severities=tuple(map(Severity, (1.0, 2.0, 3.0, 4.0, 6.0))),
    units={"sigma": "pixels"},
    keeps=frozenset({"shape", "dtype", "range"}),
    dose=SSIM,
    source="Hendrycks & Dietterich 2019, arXiv:1903.12261; constants of ImageNet-C",
    pixels=frozenset({"sigma"}),
)
