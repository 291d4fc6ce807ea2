"""Text overlay: lines of text printed over the picture, as in a meme or a screenshot.

White capital letters with a black outline, without meaning. The lines of a severity are there at
every worse one.
"""

from typing import NamedTuple

import numpy as np

from mmaudit.arrays import Pixels
from mmaudit.corruptions.base import Corruption
from mmaudit.corruptions.image._kernels.channels import GUARD, on_colour, tint
from mmaudit.corruptions.image._kernels.lettering import DOTS, around, strokes, text
from mmaudit.corruptions.image._kernels.mixing import splash
from mmaudit.doses.image import PSNR
from mmaudit.doses.pixels import full_scale
from mmaudit.seeds import Words


class Severity(NamedTuple):
    """How many lines there are, and how large."""

    lines: int
    height: float


LENGTH = 14  # letters of a line
BLACK, WHITE = (0, 0, 0), (255, 255, 255)


def apply(clean: Pixels, severity: Severity, words: Words) -> Pixels:
    """Print text over a picture."""
    full = full_scale(clean)

    def change(image: Pixels) -> Pixels:
        high, wide = image.shape[:2]
        mask = np.zeros((high, wide), np.uint8)
        tall = max(DOTS, round(severity.height * min(high, wide)))
        where = words.uniforms(2 * severity.lines, stream=1).reshape(-1, 2)
        for number, (down, right) in enumerate(where):
            corner = int(down * max(0, high - tall)), int((right - 0.3) * wide)
            strokes(mask, text(words, LENGTH, stream=2 + number), corner, tall)
        for ink, colour in ((around(mask), BLACK), (mask, WHITE)):
            cover = ink.astype(np.float32) / np.float32(255)
            image = splash(
                image, cover, tint(colour, image), opaque=True, guard=full * GUARD, full=full
            )
        return image

    return on_colour(clean, change)


CORRUPTION = Corruption(
    apply=apply,
    severities=(
        Severity(1, 0.08),
        Severity(2, 0.08),
        Severity(4, 0.08),
        Severity(7, 0.08),
        Severity(12, 0.08),
    ),
    units={"lines": "of text", "height": "of a capital letter, share of the shorter side"},
    keeps=frozenset({"shape", "dtype", "range"}),
    dose=PSNR,
    source="OverlayText of AugLy (Papakipos & Bitton 2022, arXiv:2201.06494); a font of "
    "dots; grid of our own",
)
