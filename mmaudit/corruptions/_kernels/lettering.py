"""Lettering: where the strokes of some text fall in a picture."""

import cv2
import numpy as np
from numpy.typing import NDArray

from mmaudit.seeds import Words

ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
FONT = cv2.FONT_HERSHEY_SIMPLEX
CAP = 22.0  # height of a capital letter of the font at scale 1, in pixels


def text(words: Words, letters: int, stream: int) -> str:
    """A meaningless word of capital letters and digits."""
    return "".join(ALPHABET[i] for i in words.integers(letters, len(ALPHABET), stream))


def strokes(
    mask: NDArray[np.uint8], line: str, corner: tuple[int, int], height: float, width: int
) -> None:
    """Draw a line of text into a mask.

    Args:
        mask: ``(h, w)``; becomes 255 where there is ink.
        line: Printable ASCII.
        corner: Column and row where the baseline begins.
        height: Of a capital letter, in pixels.
        width: Of a stroke, in pixels.
    """
    cv2.putText(mask, line, corner, FONT, height / CAP, 255, width, cv2.LINE_8)


def around(mask: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The mask grown by one pixel to every side."""
    return cv2.dilate(mask, np.ones((3, 3), np.uint8))
