"""Watermark: a faint word repeated over the whole picture by its owner.

The same white word in rows, every other row shifted by half, blended with an opacity that rises.
"""

from typing import NamedTuple

import numpy as np

from mmaudit.arrays import Pixels
from mmaudit.corruptions.base import Corruption
from mmaudit.corruptions.image._kernels.channels import GUARD, on_colour, tint
from mmaudit.corruptions.image._kernels.lettering import DOTS, strokes, text
from mmaudit.corruptions.image._kernels.mixing import splash
from mmaudit.doses.image import PSNR
from mmaudit.doses.pixels import full_scale
from mmaudit.seeds import Words


class Severity(NamedTuple):
    """How faint it is."""

    opacity: float


LENGTH = 6  # letters of a word
HEIGHT = 0.1  # of a letter, share of the shorter side
PITCH = 2.2  # from row to row, in heights of a letter
WHITE = (255, 255, 255)


def apply(clean: Pixels, severity: Severity, words: Words) -> Pixels:
    """Blend a random word over a picture, many times."""
    full = full_scale(clean)
    high, wide = clean.shape[:2]
    tall = max(DOTS, round(HEIGHT * min(high, wide)))
    mask = np.zeros((high, wide), np.uint8)
    line = "  ".join([text(words, LENGTH, stream=0)] * (2 + wide // (tall * LENGTH)))
    for row in range(int(high / (tall * PITCH)) + 1):
        strokes(mask, line, (int(tall * PITCH * row), -(tall * LENGTH // 2) * (row % 2)), tall)
    cover = mask.astype(np.float32) * np.float32(severity.opacity / 255)
    return on_colour(
        clean,
        lambda image: splash(
            image, cover, tint(WHITE, image), opaque=True, guard=full * GUARD, full=full
        ),
    )


CORRUPTION = Corruption(
    apply=apply,
    severities=tuple(map(Severity, (0.15, 0.3, 0.45, 0.6, 0.8))),
    units={"opacity": "share of white where there is a letter"},
    keeps=frozenset({"shape", "dtype", "range"}),
    dose=PSNR,
    source="OverlayText of AugLy (Papakipos & Bitton 2022, arXiv:2201.06494), tiled; a "
    "font of dots; grid of our own",
)
