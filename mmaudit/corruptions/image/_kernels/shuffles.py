"""Shuffles: every pixel takes the value of one nearby, as through frosted glass."""

import cv2
import numpy as np
from numpy.typing import NDArray

from mmaudit.kernels import kernel

_LOW, _HALF = np.uint32(0xFFFF), np.uint32(16)


def count(height: int, width: int, reach: int, passes: int) -> int:
    """How many random words a shuffle takes."""
    return passes * max(0, height - 2 * reach) * max(0, width - 2 * reach)


@kernel
def _take(pixels, words, reach, passes):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    height, width = pixels.shape
    span, j = np.uint32(2 * reach), 0
    for _ in range(passes):
        for y in range(height - reach, reach, -1):
            for x in range(width - reach, reach, -1):
                right = ((words[j] & _LOW) * span) >> _HALF
                down = ((words[j] >> _HALF) * span) >> _HALF
                row = np.uint64(y - reach) + np.uint64(down)
                column = np.uint64(x - reach) + np.uint64(right)
                pixels[np.uint64(y), np.uint64(x)] = pixels[row, column]
                j += 1


def take_nearby(
    image: NDArray[np.uint8], words: NDArray[np.uint32], reach: int, passes: int
) -> NDArray[np.uint8]:
    """From the bottom right up, each pixel takes that of a random place up to ``reach`` away.

    Args:
        image: ``(h, w, 1)`` or ``(h, w, 3)``, uint8 or uint16.
        words: `count` of them; the low half decides over columns, the high half over rows.
        reach: In pixels; places are in ``[-reach, reach)``.
        passes: How often.
    """
    if image.shape[2] == 1:
        out = image.copy()
        _take(out[:, :, 0], words, reach, passes)
        return out
    whole = np.uint32 if image.dtype == np.uint8 else np.uint64  # a pixel moves as one number
    padded = np.asarray(cv2.cvtColor(image, cv2.COLOR_RGB2RGBA))
    _take(padded.view(whole)[:, :, 0], words, reach, passes)
    return cv2.cvtColor(padded, cv2.COLOR_RGBA2RGB)
