"""Plain features of a value, without any training: what small towers are trained on.

Image: colour and gradients of the cells of a grid, and a histogram of colours. Text: hashed words,
pairs of words and letter n-grams. Audio: log-mel energies in four stretches of time. Vector: the
numbers. Each row depends on its value alone.
"""

import re
from collections.abc import Callable
from itertools import pairwise
from typing import Any
from zlib import crc32

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from mmaudit.errors import UsageError
from mmaudit.models.base import Values

Floats = NDArray[np.float32]
VERSION = 1
SIDE, CELLS, ANGLES, SHADES = 64, 4, 8, 4  # pixels, cells a side, orientations, levels a colour
BUCKETS = 2048
GRAMS = (3, 4)
BANDS, STRETCHES, WINDOW, HOP = 40, 4, 0.032, 0.016
RATE = 16_000.0  # Hz, of audio whose rate nobody says
WORD = re.compile(r"\w+")


def check_kind(kind: str) -> None:
    """Refuse kinds that have no plain features.

    Raises:
        UsageError: There are none.
    """
    if kind not in MAKERS:
        raise UsageError(
            f"there are no plain features of a {kind}", fix=f"one of {', '.join(MAKERS)}"
        )


def features(kind: str, values: Values) -> Floats:
    """Features of ``n`` values of one kind, ``(n, d)``."""
    check_kind(kind)
    return np.stack([MAKERS[kind](value) for value in values]).astype(np.float32)


def image(pixels: NDArray[np.uint8]) -> Floats:
    """Colour, contrast and gradients of a grid's cells, and the histogram of colours."""
    rows = np.asarray(pixels)
    if rows.ndim == 2 or rows.shape[2] < 3:
        rows = np.repeat(rows.reshape(*rows.shape[:2], -1)[..., :1], 3, axis=2)
    if rows.shape[2] == 4:
        alpha = rows[..., 3:] / 255.0
        rows = (rows[..., :3] * alpha + 255.0 * (1.0 - alpha)).astype(np.uint8)
    small = np.asarray(Image.fromarray(rows[..., :3]).resize((SIDE, SIDE), Image.Resampling.BOX))
    colour = small.astype(np.float32) / 255.0
    grey = colour @ np.array([0.299, 0.587, 0.114], np.float32)
    planes = np.stack(
        [
            grey,
            colour[..., 0] - colour[..., 1],
            (colour[..., 0] + colour[..., 1]) / 2 - colour[..., 2],
        ]
    )
    cells = _cells(planes)
    shade = np.minimum(colour * SHADES, SHADES - 1).astype(np.int64)
    number = (shade[..., 0] * SHADES + shade[..., 1]) * SHADES + shade[..., 2]
    histogram = np.sqrt(np.bincount(number.ravel(), minlength=SHADES**3) / number.size)
    parts = [cells.mean(-1).ravel(), cells.std(-1).ravel(), _gradients(grey), histogram]
    return np.concatenate(parts).astype(np.float32)


def _cells(planes: Floats) -> Floats:
    """Planes ``(p, side, side)`` cut into cells, ``(p, cells, cells, pixel)``."""
    size = SIDE // CELLS
    cut = planes.reshape(len(planes), CELLS, size, CELLS, size).transpose(0, 1, 3, 2, 4)
    return cut.reshape(len(planes), CELLS, CELLS, size * size)


def _gradients(grey: Floats) -> Floats:
    """Strength of the gradients by direction in each cell, square roots of shares."""
    down, across = np.gradient(grey)
    strength = np.hypot(down, across)
    angle = (np.arctan2(down, across) % np.pi) / np.pi * ANGLES
    direction = np.minimum(angle.astype(np.int64), ANGLES - 1)
    planes = np.stack([np.where(direction == k, strength, 0.0) for k in range(ANGLES)])
    sums = _cells(planes).sum(-1)
    return np.sqrt(sums / (sums.sum(0, keepdims=True) + 1e-3)).ravel().astype(np.float32)


def text(value: str) -> Floats:
    """Counts of hashed words, pairs of words and letter n-grams, in square roots."""
    words = WORD.findall(str(value).lower())
    pairs = [f"{a} {b}" for a, b in pairwise(words)]
    marked = [f"<{word}>" for word in words]
    grams = [m[i : i + k] for m in marked for k in GRAMS for i in range(len(m) - k + 1)]
    out = np.zeros(BUCKETS, np.float32)
    for piece in (*marked, *pairs, *grams):
        out[crc32(piece.encode("utf-8", "surrogatepass")) % BUCKETS] += 1.0
    return np.sqrt(out)


def audio(samples: NDArray[np.float32]) -> Floats:
    """Log-mel energies, mean and deviation in each stretch of time."""
    mono = np.asarray(samples, np.float32).reshape(len(samples), -1).mean(1)
    size, hop = int(WINDOW * RATE), int(HOP * RATE)
    padded = np.pad(mono, (0, max(0, size * STRETCHES - len(mono))))
    frames = np.lib.stride_tricks.sliding_window_view(padded, size)[::hop]
    power = np.abs(np.fft.rfft(frames * np.hanning(size), axis=1)) ** 2
    mel = np.log(power @ _mel(power.shape[1]) + 1e-6)
    parts = np.array_split(mel, STRETCHES)
    return np.concatenate([f(p, axis=0) for p in parts for f in (np.mean, np.std)]).astype(
        np.float32
    )


def _mel(bins: int) -> NDArray[np.float64]:
    """Triangular filters that are even on the mel scale, ``(bin, band)``."""
    top = 2595 * np.log10(1 + RATE / 2 / 700)
    hertz = 700 * (10 ** (np.linspace(0, top, BANDS + 2) / 2595) - 1)
    frequency = np.linspace(0, RATE / 2, bins)[:, None]
    low, middle, high = hertz[:-2], hertz[1:-1], hertz[2:]
    rise, fall = (frequency - low) / (middle - low), (high - frequency) / (high - middle)
    return np.maximum(np.minimum(rise, fall), 0.0)


def vector(value: NDArray[np.float32]) -> Floats:
    """The numbers themselves."""
    return np.asarray(value, np.float32).ravel()


MAKERS: dict[str, Callable[[Any], Floats]] = {
    "image": image,
    "text": text,
    "audio": audio,
    "vector": vector,
}
