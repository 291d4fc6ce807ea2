"""Material: a picture, a clip, a series, a text, a row, that pages show corruptions on.

All of it is computed, so nothing of anyone's is shown and the pages can be made anywhere.
"""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mmaudit.arrays import Floats
from mmaudit.corruptions.base import Rows
from mmaudit.doses.base import Column, Context
from mmaudit.seeds import words

SIDE = 224  # pixels; what the parameters of image corruptions were chosen for
RATE = 16_000
TEXT = (
    "Their neighbour believes that 12 small children definitely saw a big brown dog, which does "
    "not like cold weather, quickly run across the busy street until it was 5 minutes too late to "
    "stop it."
)
OTHER_TEXT = (
    "Two men in red jackets are sitting on a wooden bench near the old harbour and wait for the "
    "last boat of the day, while a woman reads them the news from a paper."
)
CELLS = {
    "age": 42.0,
    "colour": "red",
    "celsius": -4.5,
    "member": "yes",
    "litres": 2.0,
    "height_m": 1.75,
}
OTHER_CELLS = (67.0, "blue", 11.0, "no", 1.5, 1.62)
LABELS = "ABCD"


def picture(*, night: bool = False) -> NDArray[np.uint8]:
    """Hills, a house and a tree under the sun, ``(224, 224, 3)``; at night from the other side."""
    across, down = np.meshgrid(np.linspace(0, 1, SIDE), np.linspace(0, 1, SIDE))
    sky = np.stack([0.35 + 0.5 * down, 0.55 + 0.35 * down, 0.95 - 0.1 * down], axis=-1)
    image = _over(sky, (1.0, 0.93, 0.6), 0.11 - np.hypot(across - 0.76, down - 0.2))
    puffs = ((0.2, 0.19, 0.05), (0.27, 0.16, 0.07), (0.35, 0.18, 0.055))
    cloud = [size - np.hypot((across - x) / 1.4, down - y) for x, y, size in puffs]
    image = _over(image, (0.97, 0.97, 1.0), np.max(cloud, axis=0))
    for height, colour, phase in ((0.5, (0.42, 0.56, 0.6), 0), (0.62, (0.3, 0.52, 0.24), 2)):
        hill = down - height - 0.06 * np.sin(7 * across + phase) - 0.02 * np.sin(23 * across)
        image = _over(image, colour, hill)
    grass = words(0, "docs grass").uniforms(SIDE * SIDE).reshape(SIDE, SIDE)
    image -= (0.2 * grass * np.clip(6 * (down - 0.6), 0, 1))[..., None]
    image = _house(image, across, down)
    trunk = np.minimum(0.018 - abs(across - 0.82), np.minimum(down - 0.6, 0.84 - down))
    image = _over(image, (0.32, 0.2, 0.12), trunk)
    crown = 0.13 + 0.012 * np.sin(90 * across) * np.sin(80 * down)
    leaves = crown - np.hypot(across - 0.82, down - 0.54)
    image = _over(image, (0.12, 0.36, 0.14), leaves)
    image += 0.14 * ((grass - 0.5) * (leaves > 0))[..., None]
    whole = np.clip(image, 0, 1)
    return (255 * (whole[:, ::-1, ::-1] * 0.6 if night else whole)).round().astype(np.uint8)


def _house(image: Floats, across: Floats, down: Floats) -> Floats:
    """A white house with a red roof, a door and two windows with crosses."""
    wall = np.minimum(0.16 - abs(across - 0.36), np.minimum(down - 0.56, 0.86 - down))
    image = _over(image, (0.93, 0.9, 0.82), wall)
    bricks = (np.sin(170 * down) > 0.8) & (wall > 0)
    image = image - 0.12 * bricks[..., None]
    roof = np.minimum(0.56 - down, down - 0.4 - 0.8 * abs(across - 0.36))
    image = _over(image, (0.72, 0.2, 0.14), roof)
    door = np.minimum(0.032 - abs(across - 0.36), np.minimum(down - 0.72, 0.86 - down))
    image = _over(image, (0.36, 0.2, 0.1), door)
    for middle in (0.27, 0.45):
        pane = 0.036 - np.maximum(abs(across - middle), abs(down - 0.64))
        image = _over(image, (0.16, 0.24, 0.4), pane)
        cross = np.minimum(pane, 0.005 - np.minimum(abs(across - middle), abs(down - 0.64)))
        image = _over(image, (0.95, 0.95, 0.95), cross)
    return image


def _over(image: Floats, colour: tuple[float, float, float], inside: Floats) -> Floats:
    """Paint where a distance is positive, with an edge as soft as a pixel."""
    cover = np.clip(inside * SIDE + 0.5, 0, 1)[..., None]
    return image * (1 - cover) + np.asarray(colour) * cover


def voice(pitch: float = 130.0) -> NDArray[np.float32]:
    """A second of three vowels and two hisses, ``(16000, 1)``, as of someone who speaks."""
    t = np.arange(RATE) / RATE
    glide = pitch * (1 + 0.25 * np.sin(2.2 * np.pi * t) - 0.1 * t)
    phase = 2 * np.pi * np.cumsum(glide) / RATE
    hiss = words(0, f"docs voice {pitch}").normals(RATE)
    hiss = np.diff(hiss, prepend=0.0)
    clip = np.zeros(RATE)
    vowels = ((0.02, 0.3, (730, 1090, 2440)), (0.36, 0.62, (270, 2290, 3010)))
    for start, stop, formants in (*vowels, (0.7, 0.98, (570, 840, 2410))):
        swell = np.clip(np.minimum(t - start, stop - t) * 25, 0, 1)
        for harmonic in range(1, 36):
            frequency = harmonic * glide
            peaks = sum(1 / (1 + ((frequency - f) / 110) ** 2) for f in formants)
            clip += swell * (0.03 + peaks) / harmonic**0.5 * np.sin(harmonic * phase)
    for start, stop in ((0.3, 0.38), (0.61, 0.71)):
        clip += 0.25 * hiss * np.clip(np.minimum(t - start, stop - t) * 40, 0, 1)
    loud = 0.6 * clip / np.abs(clip).max()
    return np.asarray(loud[:, None], np.float32)


def series() -> NDArray[np.float32]:
    """Two channels that swing, ``(120, 2)``."""
    t = np.arange(120)
    one = np.sin(t / 9) + 0.3 * np.sin(t / 2.3)
    return np.stack([one, 0.8 * np.cos(t / 14) - 0.02 * (t % 25)], axis=1).astype(np.float32)


def vector(which: int = 0) -> NDArray[np.float32]:
    """An embedding, ``(48,)``."""
    return words(which, "docs vector").normals(48).astype(np.float32)


def row(cells: tuple[Any, ...] = tuple(CELLS.values())) -> NDArray[np.object_]:
    """A row of a table, ``(6,)``."""
    return np.array(cells, object)


def clean(kind: str) -> Any:
    """The value of a kind of modality that pages show."""
    values: Mapping[str, Callable[[], Any]] = {
        "image": picture,
        "text": lambda: TEXT,
        "audio": voice,
        "series": series,
        "table": row,
        "vector": vector,
    }
    return values[kind]()


def context(kind: str, donors: int) -> Context:
    """What there is around that value: rate, statistics of the training split, other samples."""
    others = {
        "image": lambda _i: picture(night=True),
        "text": lambda _i: OTHER_TEXT,
        "audio": lambda i: voice((95, 210, 170, 240, 115)[i]),
        "series": lambda _i: series()[::-1],
        "table": lambda _i: row(OTHER_CELLS),
        "vector": lambda i: vector(i + 1),
    }[kind]
    rate = float(RATE) if kind == "audio" else 0.0
    return Context(rate=rate, column=_column(kind), donors=tuple(map(others, range(donors))))


def _column(kind: str) -> Column | None:
    if kind == "table":
        nan = np.nan
        return Column(
            sd=np.array([15.0, nan, 8.0, nan, 1.0, 0.1]),
            low=np.array([18.0, nan, -12.0, nan, 0.5, 1.5]),
            high=np.array([90.0, nan, 35.0, nan, 6.0, 2.0]),
            categories=((), ("blue", "green", "red"), (), ("no", "yes"), (), ()),
        )
    if kind in {"series", "vector"}:
        width = clean(kind).shape[-1]
        return Column(sd=np.ones(width) * 0.8, low=-np.full(width, 3.0), high=np.full(width, 3.0))
    return None


def rows(n: int = 48) -> Rows:
    """A set of samples in the order of their numbers, in groups of four, of four classes."""
    said = TEXT.split()
    numbers = np.linspace(-1.5, 1.5, n)
    return Rows(
        ids=[f"sample{i:02}" for i in range(n)],
        modalities=("image", "text", "audio"),
        present=np.ones((n, 3), np.bool_),
        labels=np.arange(n) // 2 % len(LABELS),
        classes=len(LABELS),
        groups=np.array([f"site{i // 4}" for i in range(n)], object),
        scores={"number": numbers, "image": numbers, "text": -numbers, "audio": abs(numbers)},
        texts={
            "text": [" ".join(said[(5 * i + j) % len(said)] for j in range(4)) for i in range(n)]
        },
    )
