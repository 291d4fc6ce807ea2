"""Impulse noise: colour values stuck at nothing or at full scale, as by bad bits.

Half of the values that are hit become 0 and half full scale, each channel on its own. The values
that a severity hits are hit at every worse one.
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
    """How many values are hit."""

    amount: float


def apply(clean: Pixels, severity: Severity, words: Words) -> Pixels:
    """Hit colour values one by one."""
    full = full_scale(clean)

    def change(image: Pixels) -> Pixels:
        return stick(image.reshape(-1, 1), words.u32(image.size), severity.amount, full)

    return on_colour(clean, lambda image: change(image).reshape(image.shape))


CORRUPTION = Corruption(
    apply=apply,
    severities=tuple(map(Severity, (0.03, 0.06, 0.09, 0.17, 0.27))),
    units={"amount": "share of colour values"},
    keeps=frozenset({"shape", "dtype", "range"}),
    dose=SSIM,
    source="Hendrycks & Dietterich 2019, arXiv:1903.12261; constants of ImageNet-C",
)
