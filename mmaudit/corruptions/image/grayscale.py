"""Grayscale: colours fade to grey, as in an old print or under one lamp.

Every channel `x` becomes `x + amount (Y - x)` with the luma `Y` of Rec. 601. A picture of one
channel has no colour and stays what it is.
"""

from typing import NamedTuple

from mmaudit.arrays import Pixels
from mmaudit.corruptions.base import Corruption
from mmaudit.corruptions.image._kernels.channels import GUARD, on_colour
from mmaudit.corruptions.image._kernels.colours import fade
from mmaudit.doses.image import PSNR
from mmaudit.doses.pixels import full_scale
from mmaudit.seeds import Words


class Severity(NamedTuple):
    """How much colour is gone."""

    amount: float


def apply(clean: Pixels, severity: Severity, words: Words) -> Pixels:
    """Fade to grey; there is nothing random in it."""
    del words
    guard = full_scale(clean) * GUARD

    def change(image: Pixels) -> Pixels:
        return image.copy() if image.shape[2] == 1 else fade(image, severity.amount, guard)

    return on_colour(clean, change)


CORRUPTION = Corruption(
    apply=apply,
    severities=tuple(map(Severity, (0.2, 0.4, 0.6, 0.8, 1.0))),
    units={"amount": "share of the way to grey"},
    keeps=frozenset({"shape", "dtype", "range"}),
    dose=PSNR,
    source="Grayscale of MultiBench (Liang et al. 2021, arXiv:2107.07502), by degrees",
)
