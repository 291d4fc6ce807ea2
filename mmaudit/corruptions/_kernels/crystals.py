"""Crystals: a drawn texture of frost on a pane, ferns and stars of ice."""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from mmaudit.corruptions._kernels.lines import drag, taps
from mmaudit.corruptions._kernels.normals import normals
from mmaudit.corruptions._kernels.plasma import plasma, uniforms
from mmaudit.seeds import Words, digest

SIZE, TEXTURES = 512, 3
DIRECTIONS = (15.0, 75.0, 135.0, 195.0, 255.0, 315.0)  # ice grows along six
LONG, THICK = 24, 14.0  # pixels
RARE = 2.4  # standard deviations beyond which noise is the seed of a crystal
ICE = np.array([0.80, 0.90, 1.0], np.float32)  # RGB


@lru_cache(maxsize=1)
def panes() -> tuple[NDArray[np.uint8], ...]:
    """The textures, ``(512, 512, 3)`` uint8 each, the same in every run."""
    return tuple(_pane(Words(digest("a pane of frost", number))) for number in range(TEXTURES))


def _pane(words: Words) -> NDArray[np.uint8]:
    cloud = plasma(SIZE, uniforms(words.u32(SIZE * SIZE), -1, 1), 1.8)
    noise = normals(words.u32(SIZE * SIZE, stream=1)).reshape(SIZE, SIZE, 1)
    seeds = np.where(noise > RARE, noise, np.float32(0))
    needles = [drag(seeds, taps(LONG, THICK, way), 0.0, np.inf)[:, :, 0] for way in DIRECTIONS]
    veins = np.float32(1) - np.abs(np.float32(2) * cloud - np.float32(1))
    ice = np.float32(0.2) * cloud + np.float32(0.55) * veins * veins * veins
    for needle in needles:
        ice += needle * np.float32(2)
    return (np.minimum(ice, np.float32(1))[:, :, None] * ICE * np.float32(255)).astype(np.uint8)
