"""WebP compression: the picture was saved as WebP with a low quality.

The picture is written as lossy WebP and read back. A 16-bit picture goes through its nearest 8-bit
one, and a grey one as grey.
"""

from typing import NamedTuple

from mmaudit.corruptions.base import Corruption
from mmaudit.corruptions.image._kernels.channels import on_colour
from mmaudit.corruptions.image._kernels.codecs import webp
from mmaudit.doses.image import SSIM
from mmaudit.doses.pixels import Pixels
from mmaudit.seeds import Words


class Severity(NamedTuple):
    """How hard it was compressed."""

    quality: int


def apply(clean: Pixels, severity: Severity, words: Words) -> Pixels:
    """Write and read back; there is nothing random in it."""
    del words
    return on_colour(clean, lambda image: webp(image, severity.quality))


CORRUPTION = Corruption(
    apply=apply,
    severities=tuple(map(Severity, (40, 25, 15, 8, 2))),
    units={"quality": "quality of libwebp, 1 … 100"},
    keeps=frozenset({"shape", "dtype", "range"}),
    dose=SSIM,
    source="ImageCompression of albumentations 2.0.8; grid of our own",
)
