"""Coarse dropout: many small squares of the picture are missing, as by lost packets.

Black squares at random places, which may overlap; every severity has those of the milder ones.
"""

from typing import NamedTuple

from mmaudit.arrays import Pixels
from mmaudit.corruptions.base import Corruption
from mmaudit.corruptions.image._kernels.channels import on_colour
from mmaudit.corruptions.image._kernels.places import centres, rectangle
from mmaudit.doses.image import PSNR
from mmaudit.seeds import Words


class Severity(NamedTuple):
    """How many squares there are, and how large."""

    squares: int
    side: float


def apply(clean: Pixels, severity: Severity, words: Words) -> Pixels:
    """Cut squares out."""

    def change(image: Pixels) -> Pixels:
        side = severity.side * min(image.shape[:2])
        out = image.copy()
        for centre in centres(words, severity.squares):
            out[rectangle(image.shape, (side, side), centre)] = 0
        return out

    return on_colour(clean, change)


CORRUPTION = Corruption(
    apply=apply,
    severities=(
        Severity(4, 0.1),
        Severity(8, 0.1),
        Severity(16, 0.1),
        Severity(32, 0.1),
        Severity(64, 0.1),
    ),
    units={"squares": "how many", "side": "share of the shorter side of the picture"},
    keeps=frozenset({"shape", "dtype", "range"}),
    dose=PSNR,
    source="CoarseDropout of imgaug and albumentations 2.0.8; grid of our own",
)
