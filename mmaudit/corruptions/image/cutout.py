"""Cutout: a square of the picture is missing.

One black square around a random point, moved so that it lies in the picture. For one sample the
square of a severity lies in that of every worse one.
"""

from typing import NamedTuple

from mmaudit.arrays import Pixels
from mmaudit.corruptions.base import Corruption
from mmaudit.corruptions.image._kernels.channels import on_colour
from mmaudit.corruptions.image._kernels.places import centres, rectangle
from mmaudit.doses.image import PSNR
from mmaudit.seeds import Words


class Severity(NamedTuple):
    """How large the square is."""

    side: float


def apply(clean: Pixels, severity: Severity, words: Words) -> Pixels:
    """Cut a square out."""

    def change(image: Pixels) -> Pixels:
        side = severity.side * min(image.shape[:2])
        out = image.copy()
        out[rectangle(image.shape, (side, side), centres(words, 1)[0])] = 0
        return out

    return on_colour(clean, change)


CORRUPTION = Corruption(
    apply=apply,
    severities=tuple(map(Severity, (0.2, 0.3, 0.4, 0.5, 0.6))),
    units={"side": "share of the shorter side of the picture"},
    keeps=frozenset({"shape", "dtype", "range"}),
    dose=PSNR,
    source="DeVries & Taylor 2017, arXiv:1708.04552; grid of our own",
)
