"""Crystals: a drawn texture of frost on a pane, ferns and stars of ice.

Every pane has the mean colour and the standard deviation of one of the five textures that
ImageNet-C draws from, and about their share of coarse and fine structure; nothing else is theirs.
"""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from mmaudit.corruptions.image._kernels.lines import taps
from mmaudit.corruptions.image._kernels.plasma import plasma
from mmaudit.seeds import MASK, digest, philox

SIZE = 512
COLOURS = np.array(  # mean of RGB; two of the reference's five are one
    [(78, 149, 166), (201, 205, 215), (201, 205, 215), (138, 153, 165), (112, 123, 135)], np.float32
)
SPREADS = np.array([18, 22, 22, 29, 43], np.float32)  # standard deviation of each channel
PANES = len(COLOURS)
DIRECTIONS = (15.0, 75.0, 135.0, 195.0, 255.0, 315.0)  # ice grows along six
LONG, THICK = 24, 14.0  # pixels
RARE = 0.005  # share of places where a crystal begins
DECAY, CLOUD, VEINS, STARS = 1.4, np.float32(0.3), np.float32(0.4), np.float32(0.5)
_ONE, _TWO = np.float32(1), np.float32(2)


@lru_cache(maxsize=PANES)
def pane(number: int) -> NDArray[np.uint8]:
    """One of the textures, ``(512, 512, 3)`` uint8, the same in every run."""
    key = digest("a pane of frost", number)
    cloud = plasma(SIZE, _TWO * _uniforms(key, 0) - _ONE, DECAY)
    places = _uniforms(key, 1).reshape(SIZE, SIZE)
    seeds = np.where(places < RARE, np.float32(2.8), np.float32(0))
    veins = _ONE - np.abs(_TWO * cloud - _ONE)
    stars = np.zeros_like(cloud)
    for direction in DIRECTIONS:
        for down, right, weight in zip(*taps(LONG, THICK, direction), strict=True):
            stars += _TWO * weight * np.roll(seeds, (down, right), (0, 1))
    ice = CLOUD * cloud + VEINS * veins * veins * veins + STARS * np.minimum(stars, _ONE)
    even = (ice - ice.mean(dtype=np.float64)) / ice.std(dtype=np.float64)
    shades = COLOURS[number] + SPREADS[number] * even.astype(np.float32)[:, :, None]
    return np.clip(np.rint(shades), 0, 255).astype(np.uint8)


def _uniforms(key: int, stream: int) -> NDArray[np.float32]:
    counter = np.arange(SIZE * SIZE // 4, dtype=np.int64)
    block = philox(
        (counter, 0 * counter, 0 * counter, 0 * counter + stream), (key & MASK, key >> 32)
    )
    return (np.stack(block, 1).ravel() >> 8).astype(np.float32) * np.float32(2.0**-24)
