"""Codecs: what lossy compression leaves of a picture that is written and read back.

The formats hold 8 bits, so a 16-bit picture goes through as its nearest 8-bit one. JPEG is written
by OpenCV, whose bytes are those of Pillow, and read by simplejpeg, which is quicker and agrees too.
"""

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import cv2
import numpy as np
from simplejpeg import decode_jpeg

from mmaudit.arrays import Pixels
from mmaudit.corruptions.base import Corruption
from mmaudit.corruptions.image._kernels.channels import like, on_colour, to_eight_bits
from mmaudit.doses.image import SSIM
from mmaudit.errors import InputError
from mmaudit.seeds import Words

Codec = Callable[[Pixels, int], Pixels]

LONGEST_JPEG, LONGEST_WEBP = 65500, 16383  # pixels of a side that the formats can hold


class Quality(NamedTuple):
    """How hard it was compressed."""

    quality: int


def compression(
    codec: Codec, qualities: tuple[int, ...], library: str, source: str
) -> Corruption[Pixels, Quality]:
    """The corruption that writes a picture and reads it back.

    Args:
        codec: `jpeg` or `webp`.
        qualities: Quality of each severity, from 1 to 100.
        library: Whose qualities they are.
        source: Paper and constants.
    """
    return Corruption(
        apply=partial(_written_and_read, codec),
        severities=tuple(map(Quality, qualities)),
        units={"quality": f"quality of {library}, 1 … 100"},
        keeps=frozenset({"shape", "dtype", "range"}),
        dose=SSIM,
        source=source,
    )


def _written_and_read(codec: Codec, clean: Pixels, severity: Quality, _: Words) -> Pixels:
    return on_colour(clean, lambda image: codec(image, severity.quality))


def jpeg(image: Pixels, quality: int) -> Pixels:
    """Through baseline JPEG with 4:2:0 chroma; ``(h, w, 1)`` is written as grey.

    Raises:
        InputError: The picture is larger than JPEG can hold.
    """
    _fits(image, "JPEG", LONGEST_JPEG)
    coded = cv2.imencode(".jpg", _grey_or_bgr(image), (cv2.IMWRITE_JPEG_QUALITY, quality))[1]
    return like(decode_jpeg(coded, "GRAY" if image.shape[2] == 1 else "RGB"), image)


def webp(image: Pixels, quality: int) -> Pixels:
    """Through lossy WebP, which writes grey as a colour; ``(h, w, 1)`` is read as grey.

    Raises:
        InputError: The picture is larger than WebP can hold.
    """
    _fits(image, "WebP", LONGEST_WEBP)
    coded = cv2.imencode(".webp", _grey_or_bgr(image), (cv2.IMWRITE_WEBP_QUALITY, quality))[1]
    if image.shape[2] == 1:
        return like(np.asarray(cv2.imdecode(coded, cv2.IMREAD_GRAYSCALE)), image)
    read = np.asarray(cv2.imdecode(coded, cv2.IMREAD_COLOR))
    return like(np.asarray(cv2.cvtColor(read, cv2.COLOR_BGR2RGB)), image)


def _grey_or_bgr(image: Pixels) -> Pixels:
    small = to_eight_bits(image)
    return small if image.shape[2] == 1 else np.asarray(cv2.cvtColor(small, cv2.COLOR_RGB2BGR))


def _fits(image: Pixels, form: str, longest: int) -> None:
    if max(image.shape) > longest:
        raise InputError(
            f"{form} holds no picture of {image.shape[1]} x {image.shape[0]} pixels",
            fix=f"sides of at most {longest} pixels",
        )
