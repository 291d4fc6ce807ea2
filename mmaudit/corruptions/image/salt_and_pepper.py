"""Salt and pepper: dead and hot pixels, black or white in all channels at once.

Half of the pixels that are hit become black and half white. The pixels that a severity hits are hit
at every worse one.
"""

from typing import NamedTuple

from mmaudit.arrays import Pixels
from mmaudit.corruptions.base import Corruption
from mmaudit.corruptions.image._kernels.channels import on_colour
from mmaudit.corruptions.image._kernels.impulses import stick
from mmaudit.doses.image import SSIM
from mmaudit.doses.pixels import full_scale
from mmaudit.seeds import Words


class Severity(NamedTuple):
    """How many pixels are hit."""

    amount: float


def apply(clean: Pixels, severity: Severity, words: Words) -> Pixels:
    """Hit whole pixels."""
    full = full_scale(clean)

    def change(image: Pixels) -> Pixels:
        pixels = image.reshape(-1, image.shape[2])
        return stick(pixels, words.u32(len(pixels)), severity.amount, full).reshape(image.shape)

    return on_colour(clean, change)


CORRUPTION = Corruption(
    apply=apply,
    severities=tuple(map(Severity, (0.01, 0.03, 0.06, 0.12, 0.2))),
    units={"amount": "share of pixels"},
    keeps=frozenset({"shape", "dtype", "range"}),
    dose=SSIM,
    source="Gonzalez & Woods, Digital Image Processing, 5.2; the range of SaltAndPepper of "
    "albumentations 2.0.8, and beyond",
)
