"""Occlusion by other sample: a piece of another picture of the dataset lies in front.

The whole of another sample's picture, made to fit, takes the place of a rectangle that has the
proportions of this one. For one sample the rectangle of a severity lies in that of every worse one.
"""

from typing import NamedTuple

import cv2

from mmaudit.arrays import Pixels
from mmaudit.corruptions.base import Corruption
from mmaudit.corruptions.image._kernels.channels import alike, on_colour
from mmaudit.corruptions.image._kernels.places import centres, rectangle
from mmaudit.doses.image import PSNR
from mmaudit.doses.pixels import check
from mmaudit.seeds import Words


class Severity(NamedTuple):
    """How much of the picture is hidden."""

    area: float


def apply(clean: Pixels, severity: Severity, words: Words, *, donors: tuple[Pixels, ...]) -> Pixels:
    """Lay the donor over a part of the picture."""
    check(clean)
    share = severity.area**0.5
    sides = share * clean.shape[0], share * clean.shape[1]
    down, across = rectangle(clean.shape, sides, centres(words, 1)[0])

    def change(image: Pixels) -> Pixels:
        size = across.stop - across.start, down.stop - down.start
        piece = cv2.resize(alike(donors[0], image), size, interpolation=cv2.INTER_AREA)
        out = image.copy()
        out[down, across] = piece.reshape(size[1], size[0], -1)
        return out

    return on_colour(clean, change)


CORRUPTION = Corruption(
    apply=apply,
    severities=tuple(map(Severity, (0.1, 0.2, 0.3, 0.4, 0.5))),
    units={"area": "share of the picture"},
    keeps=frozenset({"shape", "dtype", "range"}),
    dose=PSNR,
    source="CutMix (Yun et al. 2019, arXiv:1905.04899) without its label; grid of our own",
    needs=("donors",),
    donors=1,
)
