"""Elastic transform: the picture is stretched and squeezed in small parts, like rubber.

Pixels are read from places displaced by smooth random fields, whose scale follows the picture's
sides. Outside the picture is mirrored.
"""

from functools import partial
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mmaudit.arrays import Pixels
from mmaudit.corruptions.base import Corruption
from mmaudit.corruptions.image._kernels.channels import GUARD, on_colour
from mmaudit.corruptions.image._kernels.gaussian import blur
from mmaudit.corruptions.image._kernels.plasma import uniforms
from mmaudit.corruptions.image._kernels.warps import warp
from mmaudit.doses.image import SSIM
from mmaudit.doses.pixels import check, full_scale
from mmaudit.seeds import Words

SMOOTH = 0.01  # standard deviation of the smoothing, of each side
FARTHEST = 0.005  # largest number of a field before it is smoothed, of the height


class Severity(NamedTuple):
    """How far pixels move."""

    strength: float


def warped(
    clean: Pixels, severity: Severity, right: NDArray[np.float32], down: NDArray[np.float32]
) -> Pixels:
    """Displace by two fields of independent numbers in ±0.005 of the height, ``(h, w)`` each."""
    full, sides = full_scale(clean), (clean.shape[0] * SMOOTH, clean.shape[1] * SMOOTH)
    smooth = partial(blur, sigma=sides, truncate=3.0, edge="reflect")
    x, y = smooth(right), smooth(down)
    return on_colour(clean, lambda image: warp(image, x, y, severity.strength, full * GUARD, full))


def apply(clean: Pixels, severity: Severity, words: Words) -> Pixels:
    """Displace by random fields."""
    check(clean)
    shape = clean.shape[:2]
    most = clean.shape[0] * FARTHEST
    fields = (
        uniforms(words.u32(shape[0] * shape[1], stream), -most, most).reshape(shape)
        for stream in (0, 1)
    )
    return warped(clean, severity, *fields)


CORRUPTION = Corruption(
    apply=apply,
    severities=tuple(map(Severity, (12.5, 16.25, 21.25, 25.0, 30.0))),
    units={"strength": "factor of the smoothed fields"},
    keeps=frozenset({"shape", "dtype", "range"}),
    dose=SSIM,
    source="Simard et al. 2003, doi:10.1109/ICDAR.2003.1227801; constants of imagecorruptions "
    "c959e65, which follow the sides of the picture; those of ImageNet-C hold for 224 "
    "alone and are not used",
)
