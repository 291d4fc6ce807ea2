"""WebP compression: the picture was saved as WebP with a low quality.

The picture is written as lossy WebP and read back. A 16-bit picture goes through its nearest 8-bit
one, and a grey one as grey.
"""

from typing import NamedTuple

import cv2

from mmaudit.corruptions._doses.image import SSIM
from mmaudit.corruptions._kernels.channels import Pixels, check, on_colour, through
from mmaudit.corruptions.base import Corruption
from mmaudit.errors import InputError
from mmaudit.seeds import Words


class Severity(NamedTuple):
    """How hard it was compressed."""

    quality: int


LONGEST = 16383  # pixels of a side that the format can hold


def apply(clean: Pixels, severity: Severity, words: Words) -> Pixels:
    """Write and read back; there is nothing random in it.

    Raises:
        InputError: The picture is larger than WebP can hold.
    """
    del words
    check(clean)
    if max(clean.shape[:2]) > LONGEST:
        raise InputError(
            f"WebP holds no picture of {clean.shape[1]} x {clean.shape[0]} pixels",
            fix=f"sides of at most {LONGEST} pixels, or image/jpeg_compression",
        )
    quality = (cv2.IMWRITE_WEBP_QUALITY, severity.quality)
    return on_colour(
        clean, lambda image: through(lambda bgr: cv2.imencode(".webp", bgr, quality)[1], image)
    )


CORRUPTION = Corruption(
    apply=apply,
    severities=tuple(map(Severity, (40, 25, 15, 8, 2))),
    units={"quality": "quality of libwebp, 1 … 100"},
    keeps=frozenset({"shape", "dtype", "range"}),
    dose=SSIM,
    source="ImageCompression of albumentations 2.0.8; grid of our own",
)
