"""Glass blur: seen through frosted glass, every pixel comes from somewhere near.

A small Gaussian blur, then from the bottom right up each pixel takes the value of a random one
nearby, some times over, then the blur again. The reference means to swap the two pixels, but what
it assigns are views, so that it copies; so do we, because the published numbers are of that.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mmaudit.arrays import Pixels
from mmaudit.corruptions.base import Corruption
from mmaudit.corruptions.image._kernels.channels import GUARD, on_colour
from mmaudit.corruptions.image._kernels.gaussian import blur
from mmaudit.corruptions.image._kernels.shuffles import count, take_nearby
from mmaudit.doses.image import SSIM
from mmaudit.doses.pixels import full_scale
from mmaudit.seeds import Words


class Severity(NamedTuple):
    """How soft, how far away, how often."""

    sigma: float
    reach: int
    passes: int


def shuffled(clean: Pixels, severity: Severity, words: NDArray[np.uint32]) -> Pixels:
    """Blur, take nearby pixels as the words say, blur."""
    full = full_scale(clean)

    def soft(image: Pixels) -> Pixels:
        return blur(image, severity.sigma, guard=full * GUARD, full=full)

    def change(image: Pixels) -> Pixels:
        return soft(take_nearby(soft(image), words, severity.reach, severity.passes))

    return on_colour(clean, change)


def apply(clean: Pixels, severity: Severity, words: Words) -> Pixels:
    """Look through random glass."""
    needed = count(clean.shape[0], clean.shape[1], severity.reach, severity.passes)
    return shuffled(clean, severity, words.u32(needed))


CORRUPTION = Corruption(
    apply=apply,
    severities=(
        Severity(0.7, 1, 2),
        Severity(0.9, 2, 1),
        Severity(1.0, 2, 3),
        Severity(1.1, 3, 2),
        Severity(1.5, 4, 2),
    ),
    units={"sigma": "pixels", "reach": "pixels", "passes": "times"},
    keeps=frozenset({"shape", "dtype", "range"}),
    dose=SSIM,
    source="Hendrycks & Dietterich 2019, arXiv:1903.12261; constants of ImageNet-C; the "
    "reference's severities are not ordered: reach rises from 1 to 2 as the passes fall "
    "from 3 to 1",
    nested=False,
    pixels=frozenset({"sigma", "reach"}),
)
