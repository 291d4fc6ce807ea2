"""Fog: a cloud without edges lies over the picture.

A diamond-square field is added, and the sum is scaled back so that the brightest value could stay.
The field is as large as the next power of two, at most 2048, and repeats without a seam.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mmaudit.arrays import Pixels
from mmaudit.corruptions.base import Corruption
from mmaudit.corruptions.image._kernels.channels import GUARD, on_colour
from mmaudit.corruptions.image._kernels.mixing import veil
from mmaudit.corruptions.image._kernels.plasma import plasma, uniforms
from mmaudit.doses.image import SSIM
from mmaudit.doses.pixels import full_scale
from mmaudit.seeds import Words

LARGEST = 2048


class Severity(NamedTuple):
    """How thick, and how smooth."""

    strength: float
    decay: float


def fogged(clean: Pixels, severity: Severity, numbers: NDArray[np.float32]) -> Pixels:
    """Lay fog over a picture; the numbers are in [-1, 1), `side(clean)` squared of them."""
    full = full_scale(clean)
    field = plasma(side(clean), numbers, severity.decay)
    return on_colour(
        clean,
        lambda image: veil(image, field, strength=severity.strength, guard=full * GUARD, full=full),
    )


def side(clean: Pixels) -> int:
    """Side of the field: a power of two."""
    return min(LARGEST, 1 << max(1, (max(clean.shape[:2]) - 1).bit_length()))


def apply(clean: Pixels, severity: Severity, words: Words) -> Pixels:
    """Lay random fog over a picture."""
    return fogged(clean, severity, uniforms(words.u32(side(clean) ** 2), -1, 1))


CORRUPTION = Corruption(
    apply=apply,
    severities=(
        Severity(1.5, 2.0),
        Severity(2.0, 2.0),
        Severity(2.5, 1.7),
        Severity(2.5, 1.5),
        Severity(3.0, 1.4),
    ),
    units={"strength": "share of full scale", "decay": "factor from each scale to the next finer"},
    keeps=frozenset({"shape", "dtype", "range"}),
    dose=SSIM,
    source="Hendrycks & Dietterich 2019, arXiv:1903.12261; constants of ImageNet-C and the field "
    "size of imagecorruptions c959e65; the reference's severities are not ordered: a "
    "smaller decay makes fog uneven, not thicker",
    nested=False,
)
