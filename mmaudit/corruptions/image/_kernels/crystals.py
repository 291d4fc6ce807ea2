"""Crystals: a drawn texture of frost on a pane, ferns and stars of ice."""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from mmaudit.corruptions.image._kernels.lines import taps
from mmaudit.corruptions.image._kernels.plasma import plasma
from mmaudit.seeds import MASK, digest, philox

SIZE, PANES = 512, 3
DIRECTIONS = (15.0, 75.0, 135.0, 195.0, 255.0, 315.0)  # ice grows along six
LONG, THICK = 24, 14.0  # pixels
RARE = 0.0082  # share of places where a crystal begins
ICE = np.array([0.80, 0.90, 1.0], np.float32)  # RGB
_ONE, _TWO = np.float32(1), np.float32(2)


@lru_cache(maxsize=PANES)
def pane(number: int) -> NDArray[np.uint8]:
    """One of the textures, ``(512, 512, 3)`` uint8, the same in every run."""
    key = digest("a pane of frost", number)
    cloud = plasma(SIZE, _TWO * _uniforms(key, 0) - _ONE, 1.8)
    places = _uniforms(key, 1).reshape(SIZE, SIZE)
    seeds = np.where(places < RARE, np.float32(2.8), np.float32(0))
    veins = _ONE - np.abs(_TWO * cloud - _ONE)
    ice = np.float32(0.2) * cloud + np.float32(0.55) * veins * veins * veins
    for direction in DIRECTIONS:
        for down, right, weight in zip(*taps(LONG, THICK, direction), strict=True):
            ice += _TWO * weight * np.roll(seeds, (down, right), (0, 1))
    return (np.minimum(ice, _ONE)[:, :, None] * ICE * np.float32(255)).astype(np.uint8)


def _uniforms(key: int, stream: int) -> NDArray[np.float32]:
    counter = np.arange(SIZE * SIZE // 4, dtype=np.int64)
    block = philox(
        (counter, 0 * counter, 0 * counter, 0 * counter + stream), (key & MASK, key >> 32)
    )
    return (np.stack(block, 1).ravel() >> 8).astype(np.float32) * np.float32(2.0**-24)
