"""JPEG compression: the picture was saved with a low quality to save space.

The picture is written as baseline JPEG with 4:2:0 chroma and the tables of libjpeg, and read back.
A 16-bit picture goes through its nearest 8-bit one.
"""

from typing import NamedTuple

from mmaudit.corruptions.base import Corruption
from mmaudit.corruptions.image._kernels.channels import on_colour
from mmaudit.corruptions.image._kernels.codecs import jpeg
from mmaudit.doses.image import SSIM
from mmaudit.doses.pixels import Pixels
from mmaudit.seeds import Words


class Severity(NamedTuple):
    """How hard it was compressed."""

    quality: int


def apply(clean: Pixels, severity: Severity, words: Words) -> Pixels:
    """Write and read back; there is nothing random in it."""
    del words
    return on_colour(clean, lambda image: jpeg(image, severity.quality))


CORRUPTION = Corruption(
    apply=apply,
    severities=tuple(map(Severity, (25, 18, 15, 10, 7))),
    units={"quality": "quality of libjpeg, 1 … 100"},
    keeps=frozenset({"shape", "dtype", "range"}),
    dose=SSIM,
    source="Hendrycks & Dietterich 2019, arXiv:1903.12261; constants of ImageNet-C",
)
