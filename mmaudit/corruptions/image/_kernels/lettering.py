"""Lettering: where the strokes of some text fall in a picture.

The letters are dots of 5 by 7, so that they are the same on every machine and with every library.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from mmaudit.seeds import Words

DOTS = 7  # rows of a letter
LETTERS = {  # five columns of seven dots each, the top dot in the lowest bit
    "A": "7e1111117e", "B": "7f49494936", "C": "3e41414122", "D": "7f4141221c", "E": "7f49494941",
    "F": "7f09090901", "G": "3e4149497a", "H": "7f0808087f", "I": "00417f4100", "J": "2040413f01",
    "K": "7f08142241", "L": "7f40404040", "M": "7f020c027f", "N": "7f0408107f", "O": "3e4141413e",
    "P": "7f09090906", "Q": "3e4151215e", "R": "7f09192946", "S": "4649494931", "T": "01017f0101",
    "U": "3f4040403f", "V": "1f2040201f", "W": "3f4038403f", "X": "6314081463", "Y": "0708700807",
    "Z": "6151494543", "0": "3e5149453e", "1": "00427f4000", "2": "4261514946", "3": "2141454b31",
    "4": "1814127f10", "5": "2745454539", "6": "3c4a494930", "7": "0171090503", "8": "3649494936",
    "9": "064949291e", " ": "0000000000",
}  # fmt: skip
ALPHABET = "".join(LETTERS).strip()


def text(words: Words, letters: int, stream: int) -> str:
    """A meaningless word of capital letters and digits."""
    return "".join(ALPHABET[i] for i in words.integers(letters, len(ALPHABET), stream))


def strokes(mask: NDArray[np.uint8], line: str, corner: tuple[int, int], height: int) -> None:
    """Draw a line of text into a mask.

    Args:
        mask: ``(h, w)``; becomes 255 where there is ink.
        line: Letters of the alphabet, and spaces.
        corner: Row and column of its upper left; what falls outside the mask is not drawn.
        height: Of a letter, in pixels.
    """
    dots = _dots(line)
    rows = np.arange(height) * DOTS // height
    columns = np.arange(dots.shape[1] * height // DOTS) * DOTS // height
    first_row, first_column = corner
    inside = (
        rows[max(0, -first_row) : mask.shape[0] - first_row],
        columns[max(0, -first_column) : mask.shape[1] - first_column],
    )
    if all(part.size for part in inside):
        ink = dots[np.ix_(*inside)]
        part = mask[max(0, first_row) :, max(0, first_column) :][: ink.shape[0], : ink.shape[1]]
        np.maximum(part, ink, out=part)


def _dots(line: str) -> NDArray[np.uint8]:
    columns = np.frombuffer(bytes.fromhex("".join(LETTERS[c] + "00" for c in line)), np.uint8)
    return (columns[None, :] >> np.arange(DOTS)[:, None] & 1).astype(np.uint8) * np.uint8(255)


def around(mask: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The mask grown by one pixel to every side."""
    return np.asarray(cv2.dilate(mask, np.ones((3, 3), np.uint8)))
