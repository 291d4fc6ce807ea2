"""Clean values: many undamaged values of each kind, as a dataset has them, made by a seed."""

import math
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mmaudit.testing.values import RATE

Generator = np.random.Generator

SENTENCE = (  # a part of a sentence a line, of which one choice is taken
    "A,The,One",
    "brown,small,young,tall,quiet,happy,striped,wooden,yellow,bright,muddy,heavy",
    "man,woman,boy,girl,dog,child,climber,runner,player,rider,family,crowd,bird,horse",
    "watches,carries,follows,paints,throws,holds,crosses,passes,repairs,cleans",
    "the old,a green,the broken,a narrow,the little,a red,the empty,a plastic",
    "ball,boat,fence,bridge,table,ladder,bicycle,window,basket,camera,garden,street",
    "near the river,behind a house,on the beach,under a tree,in the snow,at the market",
    "in the morning,at night,during a storm,before the game,after the rain,in summer",
)


@cache
def clean_values(kind: str, count: int) -> tuple[Any, ...]:
    """Undamaged values of a kind that comes with mmaudit.

    Args:
        kind: Kind of modality.
        count: How many.

    Raises:
        KeyError: The kind is not one of these.
    """
    make = _KINDS[kind]
    return tuple(make(np.random.default_rng([17, i])) for i in range(count))


def _picture(rng: Generator) -> NDArray[np.uint8]:
    """A scene of 96 by 128: a smooth sky, a spectrum of 1 / f as photographs have, and edges."""
    height, width = 96, 128
    far = np.hypot(np.fft.fftfreq(height)[:, None], np.fft.rfftfreq(width)[None]) + 1 / width
    layers = []
    for _ in range(2):
        drawn = rng.normal(size=far.shape) + 1j * rng.normal(size=far.shape)
        layer = np.fft.irfft2(drawn / far, (height, width))
        layers.append(layer / layer.std())
    tint = rng.uniform(-1, 1, (2, 3))
    scene = layers[0][..., None] * (1 + 0.3 * tint[0]) + 0.5 * layers[1][..., None] * tint[1]
    y, x = np.mgrid[:height, :width]
    sky = (y < rng.uniform(0.3, 0.5) * height)[..., None]
    scene = np.where(sky, 1.2 + y[..., None] / height * tint[0], scene)
    for _ in range(6):
        radius, top, at = rng.integers(5, 20), rng.integers(height), rng.integers(width)
        scene[(y - top) ** 2 + (x - at) ** 2 < radius**2] += rng.normal(0, 1.2, 3)
    scene = rng.uniform(95, 150) + rng.uniform(35, 50) * scene + rng.normal(0, 0.7, scene.shape)
    return np.clip(scene, 0, 255).astype(np.uint8)


def _text(rng: Generator) -> str:
    return " ".join(str(rng.choice(choices.split(","))) for choices in SENTENCE) + "."


def _sound(rng: Generator) -> NDArray[np.float32]:
    """Syllables of a voice with pauses between them, over the hum of a quiet room: 0.9 s."""
    time = np.arange(round(0.9 * RATE)) / RATE
    pitch = rng.uniform(90, 220) * (1 + 0.05 * np.sin(2 * np.pi * rng.uniform(2, 5) * time))
    phase = 2 * np.pi * np.cumsum(pitch) / RATE
    formants = rng.uniform((300, 900, 2200), (800, 1800, 3300))
    voice = np.zeros_like(time)
    for harmonic in range(1, 30):
        near = np.exp(-(((harmonic * 150 - formants) / 250) ** 2)).sum() + 0.03
        voice += near * np.sin(harmonic * phase + rng.uniform(0, 2 * np.pi))
    syllables = np.maximum(np.sin(2 * np.pi * rng.uniform(2.5, 4) * time + rng.uniform(0, 6)), 0)
    voice *= syllables**2
    voice *= rng.uniform(0.3, 0.6) / np.abs(voice).max()
    sound = voice + rng.normal(0, 3e-4, time.shape)
    return (np.round(sound * 32767) / 32768).astype(np.float32)[:, None]


def _vector(rng: Generator) -> NDArray[np.float32]:
    """24 numbers that go together in six ways."""
    ways = np.random.default_rng(5).normal(size=(6, 24))
    return (rng.normal(size=6) @ ways + 0.5 * rng.normal(size=24) + 1).astype(np.float32)


def _series(rng: Generator) -> NDArray[np.float32]:
    """Three channels of a walk with a rhythm, 240 steps."""
    steps = np.arange(240)[:, None]
    wave = np.sin(steps / rng.uniform(6, 12) + rng.uniform(0, 6, 3))
    walk = np.cumsum(rng.normal(0, 0.05, (240, 3)), 0)
    return (wave + walk + rng.normal(0, 0.05, (240, 3))).astype(np.float32)


def _row(rng: Generator) -> NDArray[Any]:
    """Numbers and categories in the columns of `mmaudit.testing.values`."""
    cells = (
        float(np.clip(rng.normal(4.5, 2), 0, 9)),
        str(rng.choice(["blue", "green", "red"])),
        float(np.clip(rng.normal(5, 5), -10, 20)),
        str(rng.choice(["no", "yes"])),
        float(math.exp(rng.normal(0.7, 0.2))),
        float(np.clip(rng.normal(0, 0.5), -1, 1)),
    )
    return np.array(cells, object)


_KINDS: dict[str, Callable[[Generator], Any]] = {
    "image": _picture,
    "text": _text,
    "audio": _sound,
    "vector": _vector,
    "series": _series,
    "table": _row,
}
