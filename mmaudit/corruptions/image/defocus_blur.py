"""Defocus blur: the lens was out of focus, and every point is a disk.

The disk's edge is smoothed a little. The picture is mirrored outside, its border not repeated. At
severity 5 the reference's disk weighs 1.011, because its edge is smoothed on a grid that ends where
the disk does, and the picture becomes that much brighter; so does ours.
"""

from typing import NamedTuple

from mmaudit.arrays import Pixels
from mmaudit.corruptions.base import Corruption
from mmaudit.corruptions.image._kernels.channels import GUARD, on_colour
from mmaudit.corruptions.image._kernels.disks import disk, spread
from mmaudit.doses.image import SSIM
from mmaudit.doses.pixels import full_scale
from mmaudit.seeds import Words


class Severity(NamedTuple):
    """How large the disk is."""

    radius: int
    smooth: float


def apply(clean: Pixels, severity: Severity, words: Words) -> Pixels:
    """Blur; there is nothing random in it."""
    del words
    full, lens = full_scale(clean), disk(severity.radius, severity.smooth)
    return on_colour(clean, lambda image: spread(image, lens, 2 * full * GUARD, full))


CORRUPTION = Corruption(
    apply=apply,
    severities=(
        Severity(3, 0.1),
        Severity(4, 0.5),
        Severity(6, 0.5),
        Severity(8, 0.5),
        Severity(10, 0.5),
    ),
    units={"radius": "pixels", "smooth": "pixels, standard deviation of the edge"},
    keeps=frozenset({"shape", "dtype", "range"}),
    dose=SSIM,
    source="Hendrycks & Dietterich 2019, arXiv:1903.12261; constants of ImageNet-C",
    pixels=frozenset({"radius"}),
)
