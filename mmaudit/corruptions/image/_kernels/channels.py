"""Channels: the colours of a picture apart from its transparency, and its scale of values."""

from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray

from mmaudit.arrays import Pixels
from mmaudit.doses.pixels import LUMA, check, full_scale

GUARD = 4e-6  # of full scale: what float32 sums may fall short of a whole number before truncation


def on_colour(clean: Pixels, change: Callable[[Pixels], Pixels]) -> Pixels:
    """Change the one or three colour channels of a picture; alpha is put back as it was.

    Args:
        clean: Grey, RGB, either of them with alpha, ``(h, w, 1…4)`` uint8 or uint16.
        change: Takes contiguous colours that it cannot write to, ``(h, w, 1)`` or ``(h, w, 3)``,
            and gives such.

    Returns:
        A new array of the shape and dtype of ``clean``.

    Raises:
        InputError: This is not a picture.
    """
    check(clean)
    colours = clean.shape[2] - (clean.shape[2] % 2 == 0)
    levels = np.ascontiguousarray(clean[:, :, :colours])[:]
    levels.flags.writeable = False  # of one kind for all pictures, or kernels are compiled twice
    changed = change(levels)
    if colours == clean.shape[2]:
        return changed.reshape(clean.shape)
    out = np.empty(clean.shape, clean.dtype)
    out[:, :, :colours] = changed.reshape(changed.shape[0], changed.shape[1], colours)
    out[:, :, colours:] = clean[:, :, colours:]
    return out


def to_eight_bits(image: Pixels) -> Pixels:
    """The nearest 8-bit picture; of an 8-bit picture, itself."""
    if image.dtype == np.uint8:
        return image
    return ((image.astype(np.uint32) + 128) // 257).astype(np.uint8)


def like(eight_bits: Pixels, image: Pixels) -> Pixels:
    """An 8-bit picture in the scale and shape of another."""
    scaled = eight_bits if image.dtype == np.uint8 else eight_bits.astype(np.uint16) * 257
    return scaled.reshape(image.shape)


def tint(colour: tuple[int, int, int], image: Pixels) -> NDArray[np.float32]:
    """An 8-bit colour in a picture's scale: one number a channel, the luma where it is grey."""
    scale = full_scale(image) / 255
    if image.shape[2] == 1:
        return np.array([scale * np.dot(LUMA, colour)], np.float32)
    return np.array([scale * part for part in colour], np.float32)


def alike(other: Pixels, image: Pixels) -> Pixels:
    """The colours of another picture, grey or RGB and in as many bits as this one."""
    check(other)
    colours = other[:, :, : 1 if other.shape[2] < 3 else 3]
    if image.dtype != other.dtype:
        wide = image.dtype == np.uint16
        colours = colours.astype(np.uint16) * 257 if wide else to_eight_bits(colours)
    if colours.shape[2] == image.shape[2]:
        return np.ascontiguousarray(colours)
    grey = image.shape[2] == 1
    code = cv2.COLOR_RGB2GRAY if grey else cv2.COLOR_GRAY2RGB
    converted = np.asarray(cv2.cvtColor(np.ascontiguousarray(colours), code))
    return converted.reshape(*converted.shape[:2], -1)
