"""Pixels: what a picture is, and its scale of values."""

import numpy as np

from mmaudit.arrays import Pixels
from mmaudit.errors import InputError

LUMA = (0.299, 0.587, 0.114)  # Rec. 601


WHITE = {np.dtype(np.uint8): 255, np.dtype(np.uint16): 65535}


def check(image: Pixels) -> None:
    """Refuse what is not a picture of at least one pixel."""
    if image.dtype not in WHITE or image.ndim != 3:
        raise InputError(
            f"a picture cannot be {image.dtype} of shape {image.shape}",
            fix="uint8 or uint16 of shape (height, width, 1, 3 or 4)",
        )
    if not image.size or image.shape[2] > 4:
        raise InputError(
            f"a picture cannot have the shape {image.shape}",
            fix="at least one pixel, and from one to four channels",
        )


def full_scale(image: Pixels) -> int:
    """The value of white, 255 or 65535; what is not a picture is refused."""
    check(image)
    return WHITE[image.dtype]
