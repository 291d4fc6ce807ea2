"""Color quantization: too few levels of each colour, so that smooth parts show bands.

Every value becomes the nearest of evenly spaced levels from black to white.
"""

from typing import NamedTuple

import numpy as np

from mmaudit.arrays import Pixels
from mmaudit.corruptions.base import Corruption
from mmaudit.corruptions.image._kernels.channels import on_colour
from mmaudit.corruptions.image._kernels.levels import curve
from mmaudit.doses.image import PSNR
from mmaudit.doses.pixels import full_scale
from mmaudit.seeds import Words


class Severity(NamedTuple):
    """How few levels there are."""

    levels: int


def apply(clean: Pixels, severity: Severity, words: Words) -> Pixels:
    """Round to few levels; there is nothing random in it."""
    del words
    full, steps = full_scale(clean), severity.levels - 1
    return on_colour(
        clean, lambda image: curve(image, full, lambda share: np.rint(share * steps) / steps)
    )


CORRUPTION = Corruption(
    apply=apply,
    severities=tuple(map(Severity, (16, 8, 5, 3, 2))),
    units={"levels": "of each channel"},
    keeps=frozenset({"shape", "dtype", "range"}),
    dose=PSNR,
    source="Posterize of albumentations 2.0.8 and torchvision; grid of our own, down to one bit",
)
